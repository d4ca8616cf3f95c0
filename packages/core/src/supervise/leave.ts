import type { Clock } from '../clock.js'
import { RollcallError } from '../errors.js'
import type { Events } from '../events.js'
import { withFields } from '../instance.js'
import type { LeaveOptions, LeaveResult } from '../leave-options.js'
import { follower } from './attempt.js'
import type { Registration } from './registration.js'

export interface LeaveTools {
  readonly registration: Registration
  readonly clock: Clock
  readonly events: Events
}

/**
 * Marks the instance draining, waits until callers know, takes it off the list, finishes the calls in flight. Never
 * longer than `deadlineMs`; resolves whatever happens.
 */
export async function leave(tools: LeaveTools, options: LeaveOptions): Promise<LeaveResult> {
  const { registration, clock } = tools
  const { deadlineMs = 30_000, lingerMs = 500, drain } = options
  const over = new AbortController()
  const cancel = clock.after(deadlineMs, () => {
    over.abort(new RollcallError('TIMEOUT', `leaving took longer than ${deadlineMs} ms`))
  })
  // A `down` one has no callers, and `draining` would offer it to some.
  if (registration.state === 'registered' && registration.instance.status !== 'down') {
    await markDraining(tools, lingerMs, over.signal)
  }
  const released = await registration.withdraw(over.signal)
  const drained = await finishCalls(drain, tools.events, over.signal)
  cancel()
  return { released, drained }
}

async function markDraining(
  { registration, clock }: LeaveTools,
  lingerMs: number,
  signal: AbortSignal,
): Promise<void> {
  const marked = registration.update(withFields(registration.instance, { status: 'draining' }))
  const told = await Promise.race([marked, untilAborted(signal).then(() => false)])
  // A store that did not even take the mark has nobody to tell.
  if (!told) return
  const linger = follower(signal)
  const cancel = clock.after(lingerMs, () => linger.end(undefined))
  // The registry may be closed meanwhile, and does not wait.
  await registration.until(() => registration.ended, linger.signal).catch(() => {})
  cancel()
  linger.end(undefined)
}

async function finishCalls(
  drain: LeaveOptions['drain'],
  events: Events,
  signal: AbortSignal,
): Promise<boolean> {
  if (!drain) return true
  const drained = (async () => drain(signal))().then(
    () => true,
    (error: unknown) => {
      events.emit('listener.failed', { error })
      return false
    },
  )
  return Promise.race([drained, untilAborted(signal).then(() => false)])
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
