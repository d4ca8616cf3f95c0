import type { Contender } from './contender.js'
import type { FaultName } from './fault.js'
import type { Outcome } from './trial.js'

/** What one way to call made of one fault; times in milliseconds since the call was meant to begin. */
export interface Row extends Contender {
  readonly fault: FaultName
  readonly made: number
  readonly failed: number
  /** Requests to instances for each call. */
  readonly requestsPerCall: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p99WithoutFaultMs: number
}

export function rowsOf({ fault, results }: Outcome): Row[] {
  return results.map(({ contender: { strategy, balancer }, before, during }) => {
    const { made, failed, requests, p50Ms, p99Ms } = during
    if (made === 0 || before.made === 0)
      throw new Error('no call was made for a whole phase: this machine is overloaded')
    const requestsPerCall = Math.round((requests / made) * 100) / 100
    return {
      fault,
      strategy,
      balancer,
      made,
      failed,
      requestsPerCall,
      p50Ms,
      p99Ms,
      p99WithoutFaultMs: before.p99Ms,
    }
  })
}

const widths = [18, 10, 6, 7, 9, 8, 8, 12]
const heads = ['balancer', 'strategy', 'made', 'failed', 'requests', 'p50 ms', 'p99 ms', 'p99 without']

export const headLine: string = line(heads)

export function rowLine(row: Row): string {
  const { balancer, strategy, made, failed, requestsPerCall, p50Ms, p99Ms, p99WithoutFaultMs } = row
  const figures = [
    made,
    failed,
    requestsPerCall.toFixed(2),
    ...[p50Ms, p99Ms, p99WithoutFaultMs].map((ms) => ms.toFixed(1)),
  ]
  return line([balancer, strategy, ...figures.map(String)])
}

function line(cells: readonly string[]): string {
  return cells.map((cell, i) => (i > 1 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join(' ')
}
