import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkTypes } from './support/check-types.js'
import { runSnippet } from './support/run-snippet.js'
import {
  backendOf,
  documents,
  printedBy,
  removeScratch,
  snippetsOf,
  type Snippet,
} from './support/snippets.js'

const snippets = documents().flatMap(snippetsOf)
const runnable = snippets.filter((snippet) => ['memory', 'local'].includes(backendOf(snippet) ?? ''))

afterAll(removeScratch)

describe('the code in documents', () => {
  let problems: ReadonlyMap<Snippet, string[]>
  beforeAll(async () => {
    problems = await checkTypes(snippets)
  }, 60_000)

  it.each(snippets.map((snippet) => [snippet.at, snippet] as const))('%s fits the types', (_, snippet) => {
    // A name that the text around it explains belongs into support/snippet-globals.d.ts.
    expect(problems.get(snippet)).toEqual([])
  })
})

describe('the code in documents that runs as it stands', () => {
  it('has the README’s first example', () => {
    const [first] = snippetsOf('README.md')
    expect(runnable).toContainEqual(first)
  })

  it.each(runnable.map((snippet) => [snippet.at, snippet] as const))(
    '%s prints what it says',
    { timeout: 30_000 },
    async (_, snippet) => {
      const { code, stdout, stderr } = await runSnippet(snippet)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout.split('\n').slice(0, -1)).toEqual(printedBy(snippet.code))
    },
  )
})
