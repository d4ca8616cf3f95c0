import type { Check } from '../check.js'
import { show } from '../rule-broken.js'

/** What keeps this process alive, by kind; empty where the runtime can't say. */
function resources(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo?.() ?? []) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

function surplus(before: Map<string, number>): string[] {
  return [...resources()]
    .filter(([kind, count]) => count > (before.get(kind) ?? 0))
    .map(([kind, count]) => `${count - (before.get(kind) ?? 0)} ${kind}`)
}

export const closingChecks: readonly Check[] = [
  {
    rule: 'after close every verb rejects',
    async run(trial) {
      const instance = trial.instance(trial.service())
      const adapter = await trial.open()
      await trial.read(instance.service, adapter)
      await trial.promptly('close', Promise.resolve(adapter.close?.(AbortSignal.timeout(trial.verbMs))))
      const signal = new AbortController().signal
      await trial.rejection(
        'watch after close',
        adapter.watch(instance.service, signal)[Symbol.asyncIterator]().next(),
      )
      if (adapter.register) {
        const registering = async (): Promise<unknown> => adapter.register!(instance, trial.ttlMs, signal)
        await trial.rejection('register after close', registering())
        const releasing = async (): Promise<unknown> => adapter.release!(instance, signal)
        await trial.rejection('release after close', releasing())
      }
    },
  },
  {
    rule: 'an adapter that was never used closes promptly',
    async run(trial) {
      const adapter = await trial.open()
      await trial.promptly('close', Promise.resolve(adapter.close?.(AbortSignal.timeout(trial.verbMs))))
    },
  },
  {
    rule: 'after abort and close no timer, socket or file is left open',
    async run(trial) {
      // One round before counting: what a process opens once and keeps is no leak.
      for (const round of ['before', 'after']) {
        const before = resources()
        const adapter = await trial.open()
        const instance = trial.instance(trial.service(round))
        const watches = [
          trial.follow(instance.service, adapter),
          trial.follow(trial.service('empty'), adapter),
        ]
        if (adapter.register) await trial.register(instance, adapter)
        for (const watch of watches)
          await trial.eventually(
            () => `the watch listed nothing, ${show(watch.error)}`,
            () => watch.latest,
          )
        if (adapter.release) await trial.release(instance, adapter)
        for (const watch of watches) watch.stop()
        await trial.promptly('close', Promise.resolve(adapter.close?.(AbortSignal.timeout(trial.verbMs))))
        if (round === 'after') {
          await trial.eventually(
            () => `left open: ${surplus(before).join(', ')}`,
            () => surplus(before).length === 0,
            2_000,
          )
        }
      }
    },
  },
]
