import * as plans from '@rollcall/core/balancers'
import { describe, expect, it } from 'vitest'
import { callOptions, strategyNames } from '../../packages/core/src/failover/call-options.js'
import { leastRequestOptions } from '../../packages/core/src/selection/balancers/least-request.js'
import { planOf } from '../../packages/core/src/selection/balancers/plan-of.js'
import { outlierOptions } from '../../packages/core/src/selection/outlier-policy.js'
import { localityOptions } from '../../packages/core/src/selection/tiers/locality-policy.js'
import { serviceOptions } from '../../packages/core/src/service-options.js'
import { headingsOf, tableUnder } from './support/markdown.js'

const document = 'docs/coming-from.md'
const [, ...systems] = headingsOf(document)

const inFull = (option: string, specs: object): string[] =>
  Object.keys(specs).map((name) => `${option}.${name}`)

const known = new Set([
  ...Object.keys(plans),
  ...strategyNames,
  ...Object.keys(serviceOptions),
  ...Object.keys(callOptions),
  ...Object.keys(leastRequestOptions),
  ...inFull('outlier', outlierOptions),
  ...inFull('locality', localityOptions),
])

const isKnown = (name: string): boolean => name.startsWith("'") || known.has(name) || isBalancer(name)

function isBalancer(name: string): boolean {
  try {
    return planOf(name as never).name === name
  } catch {
    return false
  }
}

describe.each(systems)('who comes from %s', (system) => {
  it('is told names that there are', () => {
    const told = tableUnder(document, system).flatMap(({ here }) => here!.match(names)!)
    expect(told.length).toBeGreaterThan(5)
    expect(told.map((name) => name.replaceAll('`', '')).filter((name) => !isKnown(name))).toEqual([])
  })
})

// A cell that is one name has lost its backticks when it was read.
const names = /`[^`]+`|^[^` ]+$/g
