import type { Backend } from './backend.js'
import { CallerProcess, type Result } from './caller-process.js'
import { nameOf, type Contender } from './contender.js'
import { faults, type FaultName } from './fault.js'
import { Fleet } from './fleet.js'
import { Progress } from './progress.js'
import { headLine, rowLine, rowsOf, type Row } from './row.js'
import { rehearse, trial, type Outcome, type Timing } from './trial.js'

export interface RunPlan {
  readonly backend: Backend
  readonly contenders: readonly Contender[]
  readonly faults: readonly FaultName[]
  /** Of each contender. */
  readonly perSecond: number
  readonly timing: Timing
}

/** So many calls a second keep one process well below one core. */
const perSecondOfProcess = 800
/** Beyond these the machine that calls, not the instances, decides about times. */
const busyLimit = 0.85
const lateLimitMs = 25

/** One fault after the other, all contenders side by side; prints each table as soon as it is known. */
export async function runTrials(plan: RunPlan): Promise<Row[]> {
  const fleet = new Fleet(plan.backend.url)
  const callers: CallerProcess[] = []
  const progress = new Progress(callers)
  const rows: Row[] = []
  try {
    await fleet.assemble()
    for (const share of shares(plan)) {
      const { perSecond, backend } = plan
      callers.push(await CallerProcess.start({ url: backend.url, contenders: share, perSecond }))
    }
    const tools = { fleet, callers, timing: plan.timing, onPhase: progress.enter }
    await rehearse(tools)
    for (const fault of plan.faults) {
      const outcome = await trial(fault, tools)
      rows.push(...rowsOf(outcome))
      progress.say(report(outcome))
    }
  } finally {
    progress.end()
    await Promise.all([fleet.end(), ...callers.map((caller) => caller.kill())])
  }
  return rows
}

/** The contenders dealt out to as many processes as they need. */
function shares({ contenders, perSecond }: RunPlan): Contender[][] {
  const processes = Math.ceil((contenders.length * perSecond) / perSecondOfProcess)
  return Array.from({ length: processes }, (_, p) => contenders.filter((_, i) => i % processes === p))
}

function report(outcome: Outcome): string[] {
  const { fault, results, busy } = outcome
  const errors = results.flatMap(errorLines)
  const late = Math.max(...results.flatMap(({ before, during }) => [before.p99LateMs, during.p99LateMs]))
  const isFair = busy < busyLimit && late < lateLimitMs
  const load = `callers busy ${Math.round(busy * 100)} %, calls begun at most ${late} ms late (p99)`
  return [
    `\n${fault}: ${faults[fault].about}`,
    headLine,
    ...rowsOf(outcome).map(rowLine),
    isFair ? load : `NOT FAIR, this machine was too busy: ${load}`,
    ...errors,
  ]
}

function errorLines({ contender, before, during }: Result): string[] {
  const unprovoked = before.errors.map((error) => `before the fault: ${error}`)
  return [...unprovoked, ...during.errors].map((error) => `  ${nameOf(contender)}: ${error}`)
}
