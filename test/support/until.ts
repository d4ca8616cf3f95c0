import { setTimeout as sleep } from 'node:timers/promises'

/** Asks every 50 ms until the answer is the one wanted; throws with the last answer when the time is up. */
export async function until<T>(
  ask: () => Promise<T> | T,
  wanted: (answer: T) => boolean,
  limitMs: number,
): Promise<T> {
  const end = performance.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (wanted(answer)) return answer
    if (performance.now() > end)
      throw new Error(`not within ${limitMs} ms; the last answer was ${JSON.stringify(answer)}`)
    await sleep(50)
  }
}
