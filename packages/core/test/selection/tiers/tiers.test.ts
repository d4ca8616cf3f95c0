import { describe, expect, test } from 'vitest'
import type { Endpoint } from '../../../src/selection/endpoint.js'
import type { Part } from '../../../src/selection/layout.js'
import { canaryPolicy } from '../../../src/selection/tiers/canary.js'
import { localityPolicy } from '../../../src/selection/tiers/locality-policy.js'
import { levelsOf } from '../../../src/selection/tiers/locality.js'
import { layoutOf, type Tiers } from '../../../src/selection/tiers/tiers.js'
import { endpoint, idsOf } from './helpers.js'

const none: Tiers = { match: undefined, canaries: [], levels: undefined, subset: undefined, zones: undefined }
const canaries = canaryPolicy({ match: { version: '2.x' }, share: 0.1 })
const nearFirst = (zone: string) => (all: readonly Endpoint[]) => levelsOf(all, localityPolicy({ zone }).here)

/** Of zones a, b and none, each with a version 1 and a version 2. */
const six = ['a', 'b', undefined].flatMap((zone) =>
  ['1.0', '2.0'].map((version) => endpoint(`${zone ?? 'none'}${version[0]}`, { version, zone })),
)

function outline(parts: readonly Part[]): string[] {
  return parts.flatMap(({ name, share, priorities }) =>
    priorities.flatMap((priority) =>
      priority.zones.map(
        (zone) => `${name} ${share} / ${priority.name} / ${zone.name}: ${idsOf(zone.endpoints).join(' ')}`,
      ),
    ),
  )
}

describe('layoutOf', () => {
  test('without tiers, all in one, as they are', () => {
    const [part, ...others] = layoutOf(none)(six)
    expect(others).toEqual([])
    expect(part).toMatchObject({
      name: 'all',
      share: 1,
      priorities: [{ name: 'all', zones: [{ name: '' }] }],
    })
    expect(part!.priorities[0]!.zones[0]!.endpoints).toBe(six)
    expect(layoutOf(none)([])).toEqual([])
  })

  test('match leaves out the others', () => {
    expect(outline(layoutOf({ ...none, match: { version: '2.x' } })(six))).toEqual([
      'all 1 / all / : a2 b2 none2',
    ])
  })

  test('parts, then levels', () => {
    expect(outline(layoutOf({ ...none, canaries, levels: nearFirst('a') })(six))).toEqual([
      'canary 1 0.1 / own zone / : a2',
      'canary 1 0.1 / elsewhere / : b2 none2',
      'rest 0.9 / own zone / : a1',
      'rest 0.9 / elsewhere / : b1 none1',
    ])
  })

  test('zones within a level', () => {
    const { zones } = localityPolicy({ zone: 'a', callers: { a: 1, b: 1 } })
    expect(outline(layoutOf({ ...none, zones })(six))).toEqual([
      'all 1 / all / : none1 none2',
      'all 1 / all / a: a1 a2',
      'all 1 / all / b: b1 b2',
    ])
  })

  test('a subset of each level: neither canaries nor the own zone go missing', () => {
    const subset = { size: 1, client: 3 }
    const parts = layoutOf({ ...none, canaries, levels: nearFirst('a'), subset })(six)
    expect(outline(parts).map((line) => line.split(' / :')[0])).toEqual([
      'canary 1 0.1 / own zone',
      'canary 1 0.1 / elsewhere',
      'rest 0.9 / own zone',
      'rest 0.9 / elsewhere',
    ])
    for (const { priorities } of parts) {
      for (const { zones } of priorities) expect(zones[0]!.endpoints).toHaveLength(1)
    }
  })
})
