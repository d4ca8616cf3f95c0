import { systemRandom } from '@rollcall/core/adapter'
import type { BuildOutput, BuildWay } from './build-case.js'
import { pointsEach } from './floors/points.js'
import { inProcess } from './in-process.js'
import { row, rowAtMost, type Effort, type Reference, type Row } from './row.js'
import { middleBy, shuffle } from './statistics.js'

type Seen = ReadonlyMap<BuildWay, BuildOutput>

/** P6: what a table of 1,000 costs, and what a change of one. Every case in processes of its own, in random order. */
export async function bench(effort: Effort): Promise<Row[]> {
  const size = effort.quick ? 100 : 1_000
  const seen = await measured(size, effort)
  return [...timeRows(size, seen), ...memoryRows(size, seen)]
}

function timeRows(size: number, seen: Seen): Row[] {
  const us = (what: BuildWay): number => seen.get(what)!.us
  const beside = (name: Reference['name'], what: BuildWay): Reference => ({
    name,
    value: us(what),
    unit: 'us',
  })
  const [ring, ketama, maglev] = [
    `ring of ${size} built`,
    `ketama ring of ${size} built`,
    `maglev of ${size} built`,
  ]
  const [ringChange, maglevChange] = [
    `ring of ${size}, one comes or goes`,
    `maglev of ${size}, one comes or goes`,
  ]
  return [
    rowAtMost(2, ring, us('ring'), beside('floor: points hashed and sorted', 'points')),
    row(ring, us('ring'), beside('peer: hashring', 'hashring')),
    rowAtMost(2, ketama, us('ketama'), beside('floor: points by md5, sorted', 'md5 points')),
    row(ketama, us('ketama'), beside('peer: hashring', 'hashring')),
    rowAtMost(2, maglev, us('maglev'), beside("floor: the paper's table", 'maglev table')),
    row(ringChange, us('ring, one changes'), beside('floor: merging its points', 'points merged')),
    // Merged or made anew: ten times tells them apart.
    rowAtMost(0.1, ringChange, us('ring, one changes'), beside('floor: building it anew', 'ring')),
    row(maglevChange, us('maglev, one changes'), beside('floor: building it anew', 'maglev')),
  ]
}

function memoryRows(size: number, seen: Seen): Row[] {
  const perPoint = (what: BuildWay): number => seen.get(what)!.bytes / (size * pointsEach)
  const owned = { name: 'floor: point and owner, 4 bytes each', value: 8, unit: 'B' } as const
  const hashring = { name: 'peer: hashring', value: perPoint('hashring'), unit: 'B' } as const
  const table = {
    name: "floor: the paper's table",
    value: seen.get('maglev table')!.bytes,
    unit: 'B',
  } as const
  const inTwelve = (what: BuildWay, name: string): Row => {
    const each = perPoint(what)
    const target = { wanted: 'at most 12 B', seen: `${each.toFixed(1)} B`, met: each <= 12, used: each / 12 }
    return row(`${name} of ${size}, memory per point`, each, owned, target)
  }
  return [
    inTwelve('ring', 'ring'),
    row(`ring of ${size}, memory per point`, perPoint('ring'), hashring),
    inTwelve('ketama', 'ketama ring'),
    row(`maglev of ${size}, memory`, seen.get('maglev')!.bytes, table),
  ]
}

const ways: readonly BuildWay[] = [
  'ring',
  'ring, one changes',
  'ketama',
  'maglev',
  'maglev, one changes',
  'points',
  'points merged',
  'md5 points',
  'maglev table',
  'hashring',
]

async function measured(size: number, { quick, progress }: Effort): Promise<Seen> {
  const all = new Map<BuildWay, BuildOutput[]>(ways.map((what) => [what, []]))
  const rounds = quick ? 1 : 5
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}, ${ways.length} processes`)
    for (const what of shuffle([...ways], systemRandom())) {
      all.get(what)!.push(await inProcess('build', { what, size, cpuMs: quick ? 10 : 300 }))
    }
  }
  return new Map([...all].map(([what, outputs]) => [what, middleBy(outputs, ({ us }) => us)]))
}
