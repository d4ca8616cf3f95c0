import { inProcess } from './in-process.js'
import type { MovedOutput, MovedWay } from './moved-case.js'
import { row, rowAtMost, type Effort, type Row } from './row.js'

interface Ours {
  readonly what: MovedWay
  readonly name: string
  /** What share of all keys may move although their owner stays. */
  readonly needless?: number
}

// Ketama moves what other clients of it move: by libmemcached's rounding all have 39 digests or 40, as their number is.
const ours: readonly Ours[] = [
  { what: 'ring', name: 'ring', needless: 0 },
  { what: 'ketama', name: 'ketama ring' },
  { what: 'rendezvous', name: 'rendezvous', needless: 0 },
  { what: 'maglev', name: 'maglev', needless: 0.006 },
]

const peers: readonly { readonly what: MovedWay; readonly name: `peer: ${string}` }[] = [
  { what: 'hashring', name: 'peer: hashring' },
  { what: 'shard', name: "peer: moleculer's Shard" },
]

/** P7: how evenly keys are spread, and how many move when one of N leaves. Counted, not timed: once is enough. */
export async function bench({ quick, progress }: Effort): Promise<Row[]> {
  const sizes = quick ? [10] : [10, 100, 1_000]
  const rows: Row[] = []
  for (const size of sizes) {
    progress(`among ${size}`)
    const of = (what: MovedWay): Promise<MovedOutput> =>
      inProcess('moved', { what, size, keys: quick ? 5_000 : 50_000, leavers: what === 'shard' ? 2 : 10 })
    const chance = await of('chance')
    const theirs = await Promise.all(peers.map(async ({ what, name }) => ({ name, seen: await of(what) })))
    for (const one of ours)
      rows.push(...rowsOf(one, size, await of(one.what), chance, one.what === 'ring' ? theirs : []))
  }
  return rows
}

function rowsOf(
  { name, needless }: Ours,
  size: number,
  seen: MovedOutput,
  chance: MovedOutput,
  theirs: readonly { readonly name: `peer: ${string}`; readonly seen: MovedOutput }[],
): Row[] {
  const moved = `${name}: moved when 1 of ${size} leaves`
  const spread = `${name}: the fullest of ${size}, over the mean`
  const ideal = { name: 'floor: the ideal share, 1/N', value: 1, unit: 'x' } as const
  return [
    // Maglev's needless moves are a share of all keys, however many the leaver had.
    needless === 0 ? rowAtMost(1.15, moved, seen.moved, ideal) : row(moved, seen.moved, ideal),
    needlessRow(`${name}: moved needlessly, of ${size}`, seen.needless, needless),
    ...theirs.map((peer) => row(moved, seen.moved, { name: peer.name, value: peer.seen.moved, unit: 'x' })),
    row(spread, seen.fullest, { name: 'floor: keys spread by chance', value: chance.fullest, unit: 'x' }),
    ...theirs.map((peer) =>
      row(spread, seen.fullest, { name: peer.name, value: peer.seen.fullest, unit: 'x' }),
    ),
  ]
}

/** The reference is 1 %, so that the ratio is the percentage. */
function needlessRow(name: string, share: number, most: number | undefined): Row {
  const reference = { name: 'floor: one in a hundred keys', value: 1, unit: '%' } as const
  if (most === undefined) return row(name, share * 100, reference)
  return row(name, share * 100, reference, {
    wanted: most === 0 ? 'none' : `under ${most * 100} %`,
    seen: `${(share * 100).toFixed(3)} %`,
    met: most === 0 ? share === 0 : share < most,
    ...(most > 0 && { used: share / most }),
  })
}
