import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** A source file of a package, as the rules of the house see it. */
export interface Source {
  /** From the root of the workspace, such as `packages/core/src/clock.ts`. */
  readonly file: string
  /** Without comments. */
  readonly code: string
  /** What it imports: packages by name, files of ours by path from the root. */
  readonly imports: readonly string[]
}

/** The sources of one package. */
export function sourcesOf(name: string): Source[] {
  const folder = join('packages', name, 'src')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => read(join(folder, path)))
}

/** Lines that are neither blank nor comment. */
export function codeLines({ code }: Source): number {
  return code.split('\n').filter((line) => line.trim() !== '').length
}

/** Each offence as a line that says what is wrong where. */
export function offences(
  sources: readonly Source[],
  isAllowed: (imported: string, source: Source) => boolean,
): string[] {
  return sources.flatMap((source) =>
    source.imports
      .filter((imported) => !isAllowed(imported, source))
      .map((imported) => `${source.file} imports ${imported}`),
  )
}

function read(file: string): Source {
  const code = withoutComments(readFileSync(file, 'utf8'))
  const found = [...code.matchAll(/(?:\bfrom|\bimport\(|\bimport)\s*'([^']+)'/g)].map((match) => match[1]!)
  return { file, code, imports: found.map((imported) => resolve(file, imported)) }
}

function resolve(file: string, imported: string): string {
  if (!imported.startsWith('.')) return imported
  return normalize(join(dirname(file), imported)).replace(/\.js$/, '.ts')
}

// Strings are kept whole, since a URL in one looks like the start of a comment.
function withoutComments(text: string): string {
  const tokens = /('(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g
  return text.replace(tokens, (_, kept: string | undefined) => kept ?? '')
}
