import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { headingsOf } from './support/markdown.js'

const source = readFileSync('packages/core/src/errors.ts', 'utf8')
const codes = [...source.matchAll(/^ {2}\| '([A-Z_]+)'$/gm)].map((found) => found[1]!)

it('every error code has a heading in docs/errors.md, and every heading is a code', () => {
  expect(codes.length).toBeGreaterThan(10)
  expect(headingsOf('docs/errors.md').slice(1).toSorted()).toEqual(codes.toSorted())
})

it('every heading has words below it', () => {
  const told = readFileSync('docs/errors.md', 'utf8')
  for (const code of codes) {
    const section = told.split(`## ${code}\n`)[1]!.split('\n## ')[0]!
    expect(section.trim(), `${code} has a heading and nothing below`).not.toBe('')
  }
})
