import { systemRandom } from '@rollcall/core/adapter'
import type { ChangeCase } from './change-case.js'
import { inProcess } from './in-process.js'
import { row, rowAtMost, type Effort, type Row } from './row.js'
import { median, shuffle } from './statistics.js'

/** P8: what a change in a set of 10,000 costs. Every case in processes of its own, in random order. */
export async function bench(effort: Effort): Promise<Row[]> {
  const us = await measured(effort)
  const diff = (what: ChangeCase, counted: ChangeCase = 'count'): Row =>
    rowAtMost(1.5, `diff of 10,000, ${what}`, us.get(what)!, {
      name: `floor: a counting pass${counted === 'count' ? '' : ' in that order'}`,
      value: us.get(counted)!,
      unit: 'us',
    })
  const ejected = us.get('ejected')!
  return [
    diff('same order'),
    diff('one gone'),
    diff('one new'),
    diff('other order', 'count, other order'),
    row(
      '1 of 10,000 ejected, to the new candidates',
      ejected,
      { name: 'floor: copying the array without it', value: us.get('copy')!, unit: 'us' },
      {
        wanted: 'at most 20 us',
        seen: `${ejected.toFixed(1)} us`,
        met: ejected <= 20,
        used: ejected / 20,
      },
    ),
    row('1 of 10,000 refuses and returns, with the picks after each', us.get('refused')!, {
      name: 'floor: copying the array without it',
      value: us.get('copy')!,
      unit: 'us',
    }),
  ]
}

const cases: readonly ChangeCase[] = [
  'count',
  'count, other order',
  'copy',
  'same order',
  'one gone',
  'one new',
  'other order',
  'ejected',
  'refused',
]

async function measured({ quick, progress }: Effort): Promise<Map<ChangeCase, number>> {
  const all = new Map<ChangeCase, number[]>(cases.map((what) => [what, []]))
  const rounds = quick ? 1 : 3
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}, ${cases.length} processes`)
    for (const what of shuffle([...cases], systemRandom())) {
      const { us } = await inProcess('change', { what, cpuMs: quick ? 20 : 250 })
      all.get(what)!.push(us)
    }
  }
  return new Map([...all].map(([what, values]) => [what, median(values)]))
}
