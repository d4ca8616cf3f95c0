import type { FaultName } from './fault.js'
import type { Row } from './row.js'

/** Something that a run has to show. */
interface Must {
  readonly text: string
  /** A short run has too few calls for a 99th percentile, and CI too little quiet. */
  readonly fullRunOnly?: true
  concerns(row: Row): boolean
  holds(row: Row): boolean
}

const survived: readonly FaultName[] = ['kill', 'freeze', 'resets']
const slowFactor = 1.5

const musts: readonly Must[] = [
  {
    text: 'no idempotent call fails with failover when an instance is killed, frozen or resets connections',
    concerns: ({ fault, strategy }) => strategy === 'failover' && survived.includes(fault),
    holds: ({ failed }) => failed === 0,
  },
  {
    text: `with peak-ewma a slow instance makes p99 at most ${slowFactor} times what it was`,
    fullRunOnly: true,
    concerns: ({ fault, balancer }) => balancer === 'peak-ewma' && fault === 'slow',
    holds: ({ p99Ms, p99WithoutFaultMs }) => p99Ms <= slowFactor * p99WithoutFaultMs,
  },
  {
    text: 'no call fails while all instances are replaced one by one',
    concerns: ({ fault }) => fault === 'rolling',
    holds: ({ failed }) => failed === 0,
  },
]

/** How one of them ended: `breaches` are the rows it does not hold for. */
export interface Verdict {
  readonly text: string
  readonly rows: number
  readonly breaches: readonly Row[]
}

/** Those that say nothing about any of the rows are left out. */
export function judge(rows: readonly Row[], isQuick: boolean): Verdict[] {
  return musts
    .filter(({ fullRunOnly }) => !(fullRunOnly && isQuick))
    .map(({ text, concerns, holds }) => {
      const concerned = rows.filter(concerns)
      return { text, rows: concerned.length, breaches: concerned.filter((row) => !holds(row)) }
    })
    .filter(({ rows }) => rows > 0)
}
