import { setTimeout as sleep } from 'node:timers/promises'

/** Asks every `everyMs` until the answer is truthy, and returns it; `undefined` when `withinMs` have passed. */
export async function until<T>(
  ask: () => T | Promise<T>,
  withinMs: number,
  everyMs = 10,
): Promise<T | undefined> {
  const end = performance.now() + withinMs
  do {
    const answer = await ask()
    if (answer) return answer
    await sleep(everyMs)
  } while (performance.now() < end)
  return undefined
}
