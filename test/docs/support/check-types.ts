import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { writeSnippet, type Snippet } from './snippets.js'

const compilerOptions = {
  // Against what is built, as its readers have it: the sources would have to fit these laxer options too.
  customConditions: [],
  composite: false,
  declaration: false,
  declarationMap: false,
  sourceMap: false,
  isolatedDeclarations: false,
  noEmit: true,
  // What readers have: they type no parameters, look into arrays freely, and need not use all that a snippet shows.
  exactOptionalPropertyTypes: false,
  noImplicitAny: false,
  noUncheckedIndexedAccess: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
}

/** What the compiler says against each snippet, with the lines of its document. */
export async function checkTypes(snippets: readonly Snippet[]): Promise<ReadonlyMap<Snippet, string[]>> {
  const paths = snippets.map((snippet) => ({ snippet, path: writeSnippet(snippet, asModule(snippet), 'ts') }))
  const folder = join('.cache', `snippets-types-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  const globals = resolve('test/docs/support/snippet-globals.d.ts')
  const files = [globals, ...paths.map(({ path }) => resolve(path))]
  const config = { extends: resolve('tsconfig.base.json'), compilerOptions, files }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const said = await compile(folder).finally(() => rmSync(folder, { recursive: true }))
  const known = new Map(paths.map(({ path, snippet }) => [relative('.', path), snippet]))
  const unplaced = said.filter((line) => !known.has(placeOf(line)))
  // An error elsewhere, as in a source that a snippet imports, would let every snippet pass.
  if (unplaced.length > 0) throw new Error(unplaced.join('\n'))
  return new Map(
    paths.map(({ path, snippet }) => [
      snippet,
      said
        .filter((line) => placeOf(line) === relative('.', path))
        .map((line) => snippet.file + line.slice(placeOf(line).length)),
    ]),
  )
}

/** On the same lines as in its document. */
function asModule({ line, code }: Snippet): string {
  return `${'\n'.repeat(line - 1)}${code}\nexport {}\n`
}

function placeOf(line: string): string {
  return /^(.*?)\(\d+,\d+\): /.exec(line)?.[1] ?? ''
}

function compile(project: string): Promise<string[]> {
  const compiler = join('node_modules', 'typescript7', 'bin', 'tsc')
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, '-p', project, '--pretty', 'false'], (_, stdout, stderr) => {
      // Lines that begin with a space go on with the one before.
      resolve(`${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '' && !line.startsWith(' ')))
    })
  })
}
