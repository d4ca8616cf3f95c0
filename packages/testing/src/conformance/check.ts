import type { Capabilities } from '@rollcall/core/adapter'
import type { Harness } from './harness.js'
import { RuleBroken } from './rule-broken.js'
import { Trial } from './trial.js'

/** One rule of the contract, and how it is proved. */
export interface Check {
  readonly rule: string
  /** Capabilities without which the rule says nothing. */
  readonly needs?: readonly BooleanCapability[]
  /** Says what the harness lacks for it. */
  readonly lacks?: (harness: Harness) => string | undefined
  /** It waits for the end of a lease, and so registers with the harness' short TTL. */
  readonly waitsForExpiry?: boolean
  run(trial: Trial): Promise<void>
}

export type BooleanCapability = {
  [K in keyof Capabilities]: Capabilities[K] extends boolean ? K : never
}[keyof Capabilities]

export type CheckResult = { readonly skipped?: string }

/** Out of the way of checks that don't wait for it. */
const longTtlMs = 30_000

/** Runs one check. Rejects with RuleBroken, which names the rule, when the adapter breaks it. */
export async function runCheck(check: Check, harness: Harness): Promise<CheckResult> {
  const lacking = check.lacks?.(harness)
  if (lacking !== undefined) return { skipped: lacking }
  if (check.waitsForExpiry) await harness.expiryShows?.()
  const trial = await Trial.begin(harness, check.waitsForExpiry ? (harness.ttlMs ?? 1_000) : longTtlMs)
  try {
    const missing = (check.needs ?? []).find((need) => !trial.adapter.capabilities[need])
    if (missing) return { skipped: `${trial.adapter.name} declares ${missing}: false` }
    await check.run(trial)
    return {}
  } catch (error) {
    if (error instanceof RuleBroken) error.message = `Rule broken: ${check.rule}. Seen: ${error.message}`
    throw error
  } finally {
    await trial.end()
  }
}
