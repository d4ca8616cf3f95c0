import type { BalancerName } from '@rollcall/core'
import { simulate, type Simulation, type SimulationResult } from '@rollcall/testing'
import type { Chart } from './chart.js'

/** A plot of the guide and the table below it. */
export interface Figure {
  /** The name of its files, and of its place in the guide. */
  readonly name: string
  make(): Promise<FigureData>
}

/** What is kept in `docs/plots/<name>.json`: all that its plot and its table show. */
export interface FigureData {
  readonly chart: Chart
  readonly table: readonly (readonly string[])[]
}

/** One line of a plot and one row of its table. */
export interface Run {
  readonly label: string
  readonly result: SimulationResult
}

/** Runs one simulation in variants, which differ in what is given for them alone. */
export async function variants(
  common: Simulation,
  different: Readonly<Record<string, Partial<Simulation>>>,
): Promise<Run[]> {
  const runs: Run[] = []
  for (const [label, own] of Object.entries(different)) {
    runs.push({ label, result: await simulate({ ...common, ...own }) })
  }
  return runs
}

/** The variants of a table's first column: balancers by name. */
export function balancers(...names: readonly BalancerName[]): Record<string, Partial<Simulation>> {
  return Object.fromEntries(names.map((balancer) => [balancer, { service: { balancer } }]))
}

const percentiles = ['p50Ms', 'p75Ms', 'p90Ms', 'p95Ms', 'p99Ms', 'p999Ms'] as const
const percentileNames = ['50 %', '75 %', '90 %', '95 %', '99 %', '99.9 %']

/** How long the quickest so many per cent of the calls took at most, a line for each run. */
export function percentileChart(title: string, note: string, runs: readonly Run[]): Chart {
  return {
    kind: 'lines',
    title,
    note,
    x: { label: 'of the calls take at most …', ticks: percentileNames.map((name, i) => [i, name] as const) },
    y: { label: '… so many milliseconds', log: true },
    series: runs.map(({ label, result }) => ({
      name: label,
      points: percentiles.map((name, i) => [i, result.latency[name]] as const),
    })),
  }
}

/** Ticks at so many whole seconds. */
export function seconds(to: number, step: number): [number, string][] {
  return Array.from({ length: to / step + 1 }, (_, i) => [i * step, `${i * step} s`])
}

export function ms(value: number): string {
  return `${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ms`
}

export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`
}

/** What retries and hedges ask for beside the call itself, per call. */
export function attemptsPerCall({ attempts, made }: SimulationResult): string {
  return (attempts / made).toFixed(2)
}
