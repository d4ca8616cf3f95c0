import type { Adapter, Instance } from '@rollcall/core/adapter'
import type { Check } from '../check.js'
import { late } from '../passage.js'
import { must, show } from '../rule-broken.js'
import { abortMs, type Trial } from '../trial.js'

type Verb = (signal: AbortSignal) => Promise<unknown>

function verbsOf(adapter: Adapter, instance: Instance, ttlMs: number): Record<string, Verb> {
  const verbs: Record<string, Verb> = { watch: (signal) => first(adapter.watch(instance.service, signal)) }
  if (adapter.register) verbs['register'] = (signal) => adapter.register!(instance, ttlMs, signal)
  if (adapter.release) verbs['release'] = (signal) => adapter.release!(instance, signal)
  if (adapter.watchServices) verbs['watchServices'] = (signal) => first(adapter.watchServices!(signal))
  return verbs
}

function first(watch: AsyncIterable<unknown>): Promise<unknown> {
  return watch[Symbol.asyncIterator]().next()
}

/** Expects the promise to reject, within the limit, with the very reason. */
async function hears(trial: Trial, what: string, promise: Promise<unknown>, reason: unknown): Promise<void> {
  const error = await trial.rejection(`${what}, aborted,`, promise, abortMs)
  must(error === reason, `${what} rejects with ${show(error)} and not with its signal's reason`)
}

/** Pulls on after an abort: what it still holds may come, but then the reason must. */
async function endsAfterAbort(
  trial: Trial,
  what: string,
  open: (signal: AbortSignal) => AsyncIterable<unknown>,
): Promise<void> {
  const abort = new AbortController()
  const reason = new Error('enough')
  const iterator = open(abort.signal)[Symbol.asyncIterator]()
  await trial.promptly(`the first answer of ${what}`, iterator.next())
  let pending = iterator.next()
  // A polling adapter answers at once, others wait for a change.
  for (let i = 0; i < 3; i++) {
    if ((await trial.time.within(pending, 30)) !== late) pending = iterator.next()
  }
  abort.abort(reason)
  const outcome = pending.then(async ({ done }) => (done ? undefined : iterator.next()))
  await hears(trial, what, outcome, reason)
}

export const abortingChecks: readonly Check[] = [
  {
    rule: 'every verb rejects at once with the reason of a signal that is already aborted, and writes nothing',
    async run(trial) {
      const instance = trial.instance(trial.service())
      for (const [name, verb] of Object.entries(verbsOf(trial.adapter, instance, trial.ttlMs))) {
        const reason = new Error(`no ${name}`)
        await hears(trial, name, callSafely(verb, AbortSignal.abort(reason)), reason)
      }
      await trial.time.pass(100)
      await trial.sees(trial.follow(instance.service, await trial.open()), [])
    },
  },
  {
    rule: 'a renewal rejects at once with the reason of a signal that is already aborted',
    needs: ['register'],
    async run(trial) {
      const lease = await trial.register(trial.instance(trial.service()))
      const reason = new Error('no renewal')
      await hears(
        trial,
        'renew',
        callSafely((signal) => lease.renew(signal), AbortSignal.abort(reason)),
        reason,
      )
    },
  },
  {
    rule: 'a waiting watch ends with its signal’s reason within 100 ms',
    run: (trial) => endsAfterAbort(trial, 'watch', (signal) => trial.adapter.watch(trial.service(), signal)),
  },
  {
    rule: 'a waiting watchServices ends with its signal’s reason within 100 ms',
    needs: ['watchServices'],
    run: (trial) => endsAfterAbort(trial, 'watchServices', (signal) => trial.adapter.watchServices!(signal)),
  },
  {
    rule: 'while the store is frozen, every verb ends with its signal’s reason within 100 ms',
    lacks: ({ outage }) => (outage?.freeze ? undefined : 'the harness gives no outage.freeze'),
    async run(trial) {
      const instance = trial.instance(trial.service())
      const verbs = verbsOf(trial.adapter, instance, trial.ttlMs)
      if (trial.adapter.capabilities.register) {
        const lease = await trial.register(trial.instance(instance.service, { id: 'before' }))
        verbs['renew'] = (signal) => lease.renew(signal)
      }
      const freeze = trial.harness.outage!.freeze!
      await freeze.begin()
      try {
        for (const [name, verb] of Object.entries(verbs)) {
          const abort = new AbortController()
          const reason = new Error(`no ${name}`)
          const running = callSafely(verb, abort.signal)
          must(
            (await trial.time.within(settled(running), 50)) === late,
            `${name} gave an answer although the store is frozen`,
          )
          abort.abort(reason)
          await hears(trial, name, running, reason)
        }
      } finally {
        await freeze.end()
      }
    },
  },
]

// A verb that throws before it returns a promise has rejected too.
async function callSafely(verb: Verb, signal: AbortSignal): Promise<unknown> {
  return verb(signal)
}

function settled(promise: Promise<unknown>): Promise<void> {
  return promise.then(
    () => {},
    () => {},
  )
}
