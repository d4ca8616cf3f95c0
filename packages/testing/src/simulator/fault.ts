import { badOption, show } from '@rollcall/core/adapter'
import { checkFields, checkList, checkNumber, checkText, unknownKind } from './check.js'

/**
 * What goes wrong with a server.
 *
 * - `slow`: each call takes `ms` more.
 * - `errors`: a `share` of the calls (all by default) is answered with status 503, after `ms` (by default when the
 *   answer would have come).
 * - `resets`: a `share` of the calls (all by default) ends with ECONNRESET, after `ms` (0 by default).
 * - `dead`: whoever was being served gets ECONNRESET, whoever comes ECONNREFUSED. It stays listed.
 * - `frozen`: no answer, until it is over; then all of them.
 * - `flapping`: dead for the first half of every `periodMs` (1000 by default).
 */
export type FaultKind =
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'errors'; readonly share?: number; readonly ms?: number }
  | { readonly kind: 'resets'; readonly share?: number; readonly ms?: number }
  | { readonly kind: 'dead' }
  | { readonly kind: 'frozen' }
  | { readonly kind: 'flapping'; readonly periodMs?: number }

/** A fault of one server or several: from `atMs` milliseconds after the start, `forMs` long, or to the end. */
export type Fault = FaultKind & {
  readonly atMs: number
  readonly forMs?: number
  readonly server: string | readonly string[]
}

/** A fault of one server, complete. */
export type Ailment =
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'errors' | 'resets'; readonly share: number; readonly ms: number | undefined }
  | { readonly kind: 'dead' | 'frozen' }

export interface PlannedAilment {
  readonly server: string
  readonly from: number
  readonly until: number
  readonly ailment: Ailment
}

const fieldsOf: Readonly<Record<FaultKind['kind'], readonly string[]>> = {
  slow: ['ms'],
  errors: ['share', 'ms'],
  resets: ['share', 'ms'],
  dead: [],
  frozen: [],
  flapping: ['periodMs'],
}

/** Checks the faults and spreads them over their servers. Throws BAD_OPTION and UNKNOWN_OPTION. */
export function planFaults(
  faults: readonly Fault[],
  ids: ReadonlySet<string>,
  durationMs: number,
): PlannedAilment[] {
  if (!Array.isArray(faults)) throw badOption('faults', `is ${show(faults)}`, 'give an array')
  return faults.flatMap((fault: Fault, i) => planFault(`faults[${i}]`, fault, ids, durationMs))
}

function planFault(
  path: string,
  fault: Fault,
  ids: ReadonlySet<string>,
  durationMs: number,
): PlannedAilment[] {
  const kind: unknown = fault?.kind
  if (typeof kind !== 'string' || !Object.hasOwn(fieldsOf, kind)) {
    throw unknownKind(path, kind, Object.keys(fieldsOf))
  }
  checkFields(path, fault, ['kind', 'atMs', 'forMs', 'server', ...fieldsOf[fault.kind]])
  const from = checkNumber(`${path}.atMs`, fault.atMs, { min: 0, max: durationMs })
  const forMs = checkNumber(`${path}.forMs`, fault.forMs ?? Number.MAX_SAFE_INTEGER, { min: 0 })
  const spans = spansOf(path, fault, from, Math.min(from + forMs, durationMs))
  const ailment = ailmentOf(path, fault)
  return serversOf(path, fault, ids).flatMap((server) =>
    spans.map(([from, until]) => ({ server, from, until, ailment })),
  )
}

function serversOf(path: string, { server }: Fault, ids: ReadonlySet<string>): readonly string[] {
  const wanted = typeof server === 'string' ? [server] : checkList(`${path}.server`, server)
  return wanted.map((id) => {
    const text = checkText(`${path}.server`, id)
    if (ids.has(text)) return text
    throw badOption(`${path}.server`, `is ${show(text)}`, `give one of ${[...ids].slice(0, 20).join(', ')}`)
  })
}

function spansOf(path: string, fault: Fault, from: number, until: number): [number, number][] {
  if (fault.kind !== 'flapping') return [[from, until]]
  const periodMs = checkNumber(`${path}.periodMs`, fault.periodMs ?? 1000, { min: 1 })
  const spans: [number, number][] = []
  for (let at = from; at < until; at += periodMs) spans.push([at, Math.min(at + periodMs / 2, until)])
  return spans
}

function ailmentOf(path: string, fault: FaultKind): Ailment {
  switch (fault.kind) {
    case 'slow':
      return { kind: 'slow', ms: checkNumber(`${path}.ms`, fault.ms, { min: 0 }) }
    case 'errors':
    case 'resets': {
      const ms = fault.ms ?? (fault.kind === 'resets' ? 0 : undefined)
      if (ms !== undefined) checkNumber(`${path}.ms`, ms, { min: 0 })
      return {
        kind: fault.kind,
        share: checkNumber(`${path}.share`, fault.share ?? 1, { min: 0, max: 1 }),
        ms,
      }
    }
    case 'flapping':
      return { kind: 'dead' }
    default:
      return { kind: fault.kind }
  }
}
