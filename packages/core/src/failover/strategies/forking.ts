import { lastWord } from '../last-word.js'
import { Race } from '../race.js'
import type { Run } from '../run.js'

/**
 * Asks `forks` instances at once and returns the first success; the others are aborted and count as cancelled. It buys the
 * shortest time to an answer with that many times the load, which no budget limits: it is what was asked for. With fewer
 * instances each is asked once. When all have failed, no other attempt follows: the last failure decides, as in failover.
 */
export async function forking<T>(run: Run<T>): Promise<T> {
  const race = new Race(run)
  try {
    race.start(run.firstPick() ?? (await run.waitForPick()))
    startOthers(run, race)
    return await firstSuccess(run, race)
  } finally {
    race.close()
  }
}

function startOthers<T>(run: Run<T>, race: Race<T>): void {
  for (let others = run.plan.forks - 1; others > 0; others--) {
    const pick = race.pickAnother()
    if (!pick) return
    race.start(pick)
  }
}

async function firstSuccess<T>(run: Run<T>, race: Race<T>): Promise<T> {
  for (;;) {
    const { result } = (await race.next())!
    if (result.kind === 'answered') return result.value
    if (result.kind === 'over') throw result.error
    if (race.remaining === 0) return lastWord(run, result, `its ${run.begun} forks having failed`)
    if (result.kind === 'bad') result.discard()
  }
}
