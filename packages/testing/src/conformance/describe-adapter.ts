import { runCheck, type Check } from './check.js'
import { abortingChecks } from './checks/aborting.js'
import { capabilityChecks } from './checks/capabilities.js'
import { closingChecks } from './checks/closing.js'
import { incarnationChecks } from './checks/incarnations.js'
import { leaseChecks } from './checks/leases.js'
import { outageChecks } from './checks/outages.js'
import { registeringChecks } from './checks/registering.js'
import { releasingChecks } from './checks/releasing.js'
import { serviceChecks } from './checks/services.js'
import { watchingChecks } from './checks/watching.js'
import type { Harness } from './harness.js'

/** The test runner's own functions: those of vitest, node:test, mocha or jest, as they are. */
export interface ConformanceRunner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: (...args: unknown[]) => Promise<void>, timeoutMs?: number): unknown
}

/** Every rule, by theme. */
export const conformanceChecks: Readonly<Record<string, readonly Check[]>> = {
  capabilities: capabilityChecks,
  watching: watchingChecks,
  registering: registeringChecks,
  leases: leaseChecks,
  incarnations: incarnationChecks,
  releasing: releasingChecks,
  services: serviceChecks,
  aborting: abortingChecks,
  closing: closingChecks,
  outages: outageChecks,
}

/**
 * Proves an adapter against the contract: one test for each rule, named by the rule. A rule that the adapter's
 * capabilities or the harness leave out is skipped, with the reason.
 *
 * ```ts
 * import { describe, it } from 'vitest' // or node:test, or the globals of mocha and jest
 * describeAdapter('etcd', { open: (ttlMs) => openMine(url, ttlMs), ttlMs: 2_000 }, { describe, it })
 * ```
 */
export function describeAdapter(name: string, harness: Harness, { describe, it }: ConformanceRunner): void {
  describe(`${name}: conformance`, () => {
    for (const [theme, checks] of Object.entries(conformanceChecks)) {
      describe(theme, () => {
        for (const check of checks) it(check.rule, testOf(check, harness), harness.checkMs ?? 60_000)
      })
    }
  })
}

// A function with rest parameters: mocha and jest take one that names a parameter for the callback style.
function testOf(check: Check, harness: Harness): (...args: unknown[]) => Promise<void> {
  return async function (this: unknown, ...args: unknown[]): Promise<void> {
    ableToSkip(this)?.timeout?.(harness.checkMs ?? 60_000)
    const { skipped } = await runCheck(check, harness)
    if (skipped !== undefined) skip(this, args[0], skipped)
  }
}

interface Skipping {
  skip?(reason: string): void
  timeout?(ms: number): void
}

function ableToSkip(self: unknown): Skipping | undefined {
  // vitest's context is a function.
  return (typeof self === 'object' && self !== null) || typeof self === 'function' ? self : undefined
}

/** vitest and node:test hand a context with `skip`, mocha has it in `this`; jest can't skip a running test. */
function skip(self: unknown, context: unknown, reason: string): void {
  const able = [context, self].map(ableToSkip).find((candidate) => typeof candidate?.skip === 'function')
  if (able) able.skip!(reason)
  else console.log(`skipped: ${reason}`)
}
