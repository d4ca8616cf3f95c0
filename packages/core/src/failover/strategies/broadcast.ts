import type { Endpoint } from '../../selection/endpoint.js'
import { attempt, type Attempt } from '../attempt.js'
import { isNobody, type Run } from '../run.js'

/**
 * Asks all instances that are up, those ejected included, once and at the same time: for what each must hear, such as the
 * order to drop a cache. When none is up it asks the candidates.
 *
 * Waits for all of them. Succeeds when the `share` of them did, with the result of the first in the order of the
 * set that succeeded; `fn` sees every instance, and can collect the others. Else CALL_FAILED with every failure: a result
 * that is the instance's failure is one, and so is an error that is an answer.
 */
export async function broadcast<T>(run: Run<T>): Promise<T> {
  const results = await Promise.all((await everybody(run)).map((endpoint) => ask(run, endpoint)))
  const { signal, share } = run.plan
  const answers = results.filter((result) => result?.kind === 'answered')
  for (const result of results) if (result?.kind === 'bad') result.discard()
  if (answers.length / results.length >= share) return answers[0]!.value
  signal?.throwIfAborted()
  throw run.failed(`${answers.length} of ${results.length} instances having succeeded (share: ${share})`)
}

async function everybody<T>(run: Run<T>): Promise<readonly Endpoint[]> {
  const { source } = run
  const ask = (): readonly Endpoint[] => {
    const up = source.endpoints().filter(({ instance }) => instance.status === 'up')
    return up.length > 0 ? up : source.candidates()
  }
  const endpoints = run.whenReady(ask)
  if (endpoints) return endpoints
  await run.waitForSnapshot()
  return ask()
}

/** Undefined for an endpoint that has no room for another call. */
async function ask<T>(run: Run<T>, endpoint: Endpoint): Promise<Attempt<T> | undefined> {
  const { clock } = run.source
  const startedAt = clock.now()
  const note = (error: unknown): void => {
    const { id, url } = endpoint.instance
    run.failures.push({ instanceId: id, url, error, ms: clock.now() - startedAt })
  }
  try {
    const result = await attempt(run, run.source.acquireAt(endpoint), startedAt).ended
    if (result.kind === 'over') note(result.error)
    return result
  } catch (error) {
    if (!isNobody(error)) throw error
    note(error)
    return undefined
  }
}
