import { describe, expect, it, vi } from 'vitest'
import {
  conformanceChecks,
  describeAdapter,
  runCheck,
  ScriptedAdapter,
  type ConformanceRunner,
} from '@rollcall/testing'

type Body = (this: unknown, ...args: unknown[]) => Promise<void>

/** A runner that runs nothing and remembers what it was given. */
function recordingRunner() {
  const tests = new Map<string, { body: Body; timeoutMs: number | undefined }>()
  const runner: ConformanceRunner = {
    describe: (_, body) => body(),
    it: (name, body, timeoutMs) => tests.set(name, { body, timeoutMs }),
  }
  return { tests, runner }
}

/** Read-only, so that most rules are skipped. */
const harness = { open: () => new ScriptedAdapter({ register: false }), checkMs: 1_234 }
const rules = Object.values(conformanceChecks).flat()
const skipped = 'releasing what is already gone, or never was, is success'
const reason = 'scripted declares register: false'

function bodyOf(rule: string): Body {
  const { tests, runner } = recordingRunner()
  describeAdapter('scripted', harness, runner)
  return tests.get(rule)!.body
}

describe('describeAdapter', () => {
  it('waits until an expiry shows before a check that counts on it, and before no other', async () => {
    const order: string[] = []
    const expiryShows = async (): Promise<void> => void order.push('it shows')
    for (const waitsForExpiry of [true, false]) {
      const run = async (): Promise<void> => void order.push(`waits: ${waitsForExpiry}`)
      await runCheck({ rule: 'a rule', waitsForExpiry, run }, { ...harness, expiryShows })
    }
    expect(order).toEqual(['it shows', 'waits: true', 'waits: false'])
  })

  it('makes one test of each rule, with the time it may take', () => {
    const { tests, runner } = recordingRunner()
    describeAdapter('scripted', harness, runner)
    expect([...tests.keys()]).toEqual(rules.map(({ rule }) => rule))
    expect(new Set([...tests.values()].map(({ timeoutMs }) => timeoutMs))).toEqual(new Set([1_234]))
  })

  it('names no parameter, which mocha and jest would take for a callback', () => {
    expect(bodyOf(skipped).length).toBe(0)
  })

  it('skips through the context that vitest and node:test give', async () => {
    const skip = vi.fn<(reason: string) => void>()
    await bodyOf(skipped)({ skip })
    // vitest's is a function with properties.
    await bodyOf(skipped)(Object.assign(() => {}, { skip }))
    expect(skip.mock.calls).toEqual([[reason], [reason]])
  })

  it('skips through mocha’s `this`, and tells it the time first', async () => {
    const context = { skip: vi.fn<(reason: string) => void>(), timeout: vi.fn<(ms: number) => void>() }
    await bodyOf(skipped).call(context)
    expect(context.skip).toHaveBeenCalledWith(reason)
    expect(context.timeout).toHaveBeenCalledWith(1_234)
  })

  it('prints the reason where a running test cannot be skipped', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    await bodyOf(skipped)()
    expect(log).toHaveBeenCalledWith(`skipped: ${reason}`)
    log.mockRestore()
  })

  it('fails with the rule and what was seen', async () => {
    const wrong = 'verbs are there when capabilities say so, and not otherwise'
    await expect(bodyOf(wrong)()).rejects.toThrow(
      `Rule broken: ${wrong}. Seen: register is false and the verb is there`,
    )
  })
})
