import { systemRandom } from '@rollcall/core/adapter'
import { buildSize, type BuildOutput, type BuildWay } from './build-case.js'
import { pointsEach } from './floors/points.js'
import { inProcess } from './in-process.js'
import { row, rowAtMost, type Effort, type Reference, type Row } from './row.js'
import { middleBy, shuffle } from './statistics.js'

const points = buildSize * pointsEach

/** P6: what a table of 1,000 costs, and what a change of one. Every case in processes of its own, in random order. */
export async function bench(effort: Effort): Promise<Row[]> {
  const seen = await measured(effort)
  const us = (what: BuildWay): number => seen.get(what)!.us
  const reference = (name: Reference['name'], what: BuildWay): Reference => ({
    name,
    value: us(what),
    unit: 'us',
  })
  const built = (what: BuildWay): Reference => reference('floor: building it anew', what)
  return [
    rowAtMost(
      2,
      `ring of ${buildSize} built`,
      us('ring'),
      reference('floor: points hashed and sorted', 'points'),
    ),
    row(`ring of ${buildSize} built`, us('ring'), reference('peer: hashring', 'hashring')),
    rowAtMost(
      2,
      `ketama ring of ${buildSize} built`,
      us('ketama'),
      reference('floor: points by md5, sorted', 'md5 points'),
    ),
    row(`ketama ring of ${buildSize} built`, us('ketama'), reference('peer: hashring', 'hashring')),
    rowAtMost(
      2,
      `maglev of ${buildSize} built`,
      us('maglev'),
      reference("floor: the paper's table", 'maglev table'),
    ),
    row(
      `ring of ${buildSize}, one joins or leaves`,
      us('ring, one joins or leaves'),
      reference('floor: merging its points', 'points merged'),
    ),
    rowAtMost(
      0.1,
      `ring of ${buildSize}, one joins or leaves`,
      us('ring, one joins or leaves'),
      built('ring'),
    ),
    row(`maglev of ${buildSize}, one joins or leaves`, us('maglev, one joins or leaves'), built('maglev')),
    pointRow('ring', seen.get('ring')!, 'floor: point and owner, 4 bytes each', 8, 12),
    pointRow('ring', seen.get('ring')!, 'peer: hashring', seen.get('hashring')!.bytes / points),
    pointRow('ketama ring', seen.get('ketama')!, 'floor: point and owner, 4 bytes each', 8, 12),
    row(`maglev of ${buildSize}, memory`, seen.get('maglev')!.bytes, {
      name: "floor: the paper's table",
      value: seen.get('maglev table')!.bytes,
      unit: 'B',
    }),
  ]
}

function pointRow(
  name: string,
  { bytes }: BuildOutput,
  reference: Reference['name'],
  value: number,
  most?: number,
): Row {
  const each = bytes / points
  const seen = `${each.toFixed(1)} B`
  return row(
    `${name} of ${buildSize}, memory per point`,
    each,
    { name: reference, value, unit: 'B' },
    most === undefined
      ? undefined
      : { wanted: `at most ${most} B`, seen, met: each <= most, used: each / most },
  )
}

const ways: readonly BuildWay[] = [
  'ring',
  'ring, one joins or leaves',
  'ketama',
  'maglev',
  'maglev, one joins or leaves',
  'points',
  'points merged',
  'md5 points',
  'maglev table',
  'hashring',
]

async function measured({ quick, progress }: Effort): Promise<Map<BuildWay, BuildOutput>> {
  const all = new Map<BuildWay, BuildOutput[]>(ways.map((what) => [what, []]))
  const rounds = quick ? 1 : 5
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}, ${ways.length} processes`)
    for (const what of shuffle([...ways], systemRandom())) {
      all.get(what)!.push(await inProcess('build', { what, cpuMs: quick ? 50 : 500 }))
    }
  }
  return new Map([...all].map(([what, outputs]) => [what, middleBy(outputs, ({ us }) => us)]))
}
