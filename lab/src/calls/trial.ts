import { setTimeout as sleep } from 'node:timers/promises'
import type { CallerProcess, Result } from './caller-process.js'
import { faults, type FaultName } from './fault.js'
import type { Fleet } from './fleet.js'

/** How long things take, in milliseconds. */
export interface Timing {
  /** Before the first fault: programs are slow until the engine has compiled what they do most. */
  readonly rehearsalMs: number
  readonly warmUpMs: number
  readonly beforeMs: number
  readonly duringMs: number
}

export type Phase = 'assembling' | 'rehearsing' | 'warming up' | 'before' | 'during' | 'last answers'

export interface TrialTools {
  readonly fleet: Fleet
  readonly callers: readonly CallerProcess[]
  readonly timing: Timing
  onPhase(phase: Phase, fault?: FaultName): void
}

export interface Outcome {
  readonly fault: FaultName
  readonly results: readonly Result[]
  /** The share of one core that the busiest caller needed. */
  readonly busy: number
}

/** A fault is undone when this share of its time is over, so that calls see its end, too. */
const lastingShare = 0.7

/** Calls that nobody counts. */
export async function rehearse({ fleet, callers, timing, onPhase }: TrialTools): Promise<void> {
  onPhase('assembling')
  await Promise.all(callers.map((caller) => caller.open(fleet.ids)))
  onPhase('rehearsing')
  await sleep(timing.rehearsalMs)
  await Promise.all(callers.map((caller) => caller.finish()))
}

const lastAnswersMs = 200

/**
 * All contenders call side by side: first undisturbed, by views that know nothing of earlier faults, then under one
 * fault from its beginning to its end.
 */
export async function trial(fault: FaultName, tools: TrialTools): Promise<Outcome> {
  const { fleet, callers, timing, onPhase } = tools
  onPhase('assembling', fault)
  await Promise.all(callers.map((caller) => caller.open(fleet.ids)))
  onPhase('warming up', fault)
  await sleep(timing.warmUpMs)
  const enter = (phase: 'before' | 'during'): void => {
    onPhase(phase, fault)
    for (const caller of callers) caller.count(phase)
  }
  enter('before')
  await sleep(timing.beforeMs)
  enter('during')
  // What was called before is to have ended before: it would fail as one of the undisturbed.
  await sleep(lastAnswersMs)
  const { befall } = faults[fault]
  await Promise.all([sleep(timing.duringMs), befall(fleet, timing.duringMs * lastingShare)])
  onPhase('last answers', fault)
  const ends = await Promise.all(callers.map((caller) => caller.finish()))
  return {
    fault,
    results: ends.flatMap(({ results }) => results),
    busy: Math.max(...ends.map(({ busy }) => busy)),
  }
}
