import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { svgOf } from '../../../../docs/plots/src/chart.js'
import { figures } from '../../../../docs/plots/src/figures.js'
import type { FigureData } from '../../../../docs/plots/src/figure.js'
import { fill, placesIn } from '../../../../docs/plots/src/guide.js'

const read = (path: string): string =>
  readFileSync(new URL(`../../../../docs/${path}`, import.meta.url), 'utf8')
const dataOf = (name: string): FigureData => JSON.parse(read(`plots/${name}.json`)) as FigureData

describe('the guide to choosing', () => {
  it('shows every figure once', () => {
    expect(placesIn(read('choosing.md'))).toEqual(figures.map(({ name }) => name))
  })

  // `npm run plots` mends this and what follows.
  it('has the tables that its data make', () => {
    const guide = read('choosing.md')
    expect(fill(guide, dataOf)).toBe(guide)
  })

  it.each(figures.map(({ name }) => name))('has the plot that its data make: %s', (name) => {
    expect(svgOf(dataOf(name).chart)).toBe(read(`plots/${name}.svg`))
  })

  it.each(figures)(
    'has the data that the simulator makes: $name',
    async ({ name, make }) => {
      expect(await make()).toEqual(dataOf(name))
    },
    60_000,
  )
})
