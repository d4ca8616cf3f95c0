import { styleText } from 'node:util'
import type { EndpointExplanation, ServiceView } from '@rollcall/core'
import type { Caller } from './caller.js'
import type { ServiceProcess } from './service-process.js'

type Style = Parameters<typeof styleText>[0]

const colour = process.stdout.isTTY && !process.env['NO_COLOR']
const widths = [4, 24, 26, 9, 8, 10, 10, 10]
const head = ['', 'instance', 'state', 'in flight', 'calls', 'failures', 'p50 ms', 'p99 ms']

/** The table as lines, drawn from `explain()`: who is there, in what state, and how calls to it go. */
export function tableLines(view: ServiceView, caller: Caller, cast: readonly ServiceProcess[]): string[] {
  const { endpoints, groups } = view.explain()
  const known = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]))
  const rows = cast.map((process) => row(known.get(process.id), caller, process))
  const candidates = endpoints.filter(({ isCandidate }) => isCandidate).length
  const { snapshot, ageMs } = view
  const { made, failed, rescued } = caller
  return [
    paint('bold', line(head)),
    ...rows,
    '',
    `candidates ${candidates} of ${endpoints.length}${groups.some(({ panic }) => panic) ? ', panic' : ''}`,
    `snapshot ${snapshot?.version ?? '–'} ${snapshot?.state ?? ''}, confirmed ${ageMs ?? '–'} ms ago by ${snapshot?.source ?? '–'}`,
    `calls made ${made}, ${paint(failed.length > 0 ? 'red' : 'green', `failed ${failed.length}`)}, saved by another try ${rescued}`,
  ]
}

/** Draws the same lines over and over in one place of a terminal. */
export class LivePicture {
  #height = 0

  draw(lines: readonly string[]): void {
    const up = this.#height > 0 ? `\u001b[${this.#height}A` : ''
    process.stdout.write(`${up}${lines.map((text) => `\u001b[2K${text}`).join('\n')}\n`)
    this.#height = lines.length
  }
}

function row(
  endpoint: EndpointExplanation | undefined,
  caller: Caller,
  { name, id }: ServiceProcess,
): string {
  const { calls, failures, latencies } = caller.seen(id)
  const state = stateOf(endpoint)
  const numbers = [
    endpoint?.inFlight ?? '–',
    calls,
    failures,
    ms(latencies.quantile(0.5)),
    ms(latencies.quantile(0.99)),
  ]
  const cells = [name, id.replace('orders-', ''), state, ...numbers.map(String)]
  return paint(styleOf(state), line(cells))
}

function stateOf(endpoint: EndpointExplanation | undefined): string {
  if (!endpoint) return 'gone'
  const { status, held, excluded, ejected } = endpoint
  if (ejected) return `${excluded ?? 'on trial'} (${ejected.reason} × ${ejected.times})`
  if (held) return 'held'
  return excluded ?? status
}

function styleOf(state: string): Style {
  if (state === 'up') return 'green'
  return state === 'gone' ? 'gray' : 'yellow'
}

function line(cells: readonly string[]): string {
  return cells.map((cell, i) => (i > 2 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join(' ')
}

function ms(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(1)
}

function paint(style: Style, text: string): string {
  return colour ? styleText(style, text) : text
}
