import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** A block of JavaScript or TypeScript in a document. */
export interface Snippet {
  /** As an editor would find it: `README.md:9`. */
  readonly at: string
  readonly file: string
  /** The first line of its code, from 1. */
  readonly line: number
  readonly code: string
}

/** All documents that may hold code for users. */
export function documents(): string[] {
  const roots = readdirSync('.').filter((name) => name.endsWith('.md'))
  return [...roots, ...['docs', 'examples', 'packages'].flatMap(markdownUnder)]
}

function markdownUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory())
      return /^(node_modules|dist|\.cache)$/.test(entry.name) ? [] : markdownUnder(path)
    return entry.isFile() && entry.name.endsWith('.md') ? [path] : []
  })
}

/** The blocks of code in a document, in its order. */
export function snippetsOf(file: string): Snippet[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/^```(?:js|ts|javascript|typescript)\b.*\n([\s\S]*?)^```$/gm)].map((found) => {
    const line = text.slice(0, found.index).split('\n').length + 1
    return { at: `${file}:${line}`, file, line, code: found[1]! }
  })
}

/** The backend that a snippet connects to and so can run with; undefined when it leaves something to its reader. */
export function backendOf({ code }: Snippet): string | undefined {
  if (!/^import \{[^}]*\bconnect\b[^}]*\} from '@rollcall\//m.test(code)) return undefined
  return /\bconnect\('([a-z]+):/.exec(code)?.[1]
}

/** What it says that it prints: the comments behind its `console.log`s. */
export function printedBy(code: string): string[] {
  return [...code.matchAll(/^\s*console\.log\(.*\) \/\/ (.*)$/gm)].map((found) => found[1]!)
}

/**
 * Writes a snippet where imports resolve as they do for its document: a package's from its own dependencies. Removed
 * by `removeScratch`.
 */
export function writeSnippet({ file, line }: Snippet, code: string, extension: string): string {
  const folder = scratchOf(file)
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${basename(file)}.${line}.${extension}`)
  writeFileSync(path, code)
  return path
}

export function removeScratch(): void {
  for (const folder of new Set(documents().map(scratchOf))) {
    if (!existsSync(folder)) continue
    rmSync(folder, { recursive: true })
    // The other test file may still have its own in there.
    if (readdirSync(dirname(folder)).length === 0) rmdirSync(dirname(folder))
  }
}

// By process: the two test files that use it may run at the same time.
function scratchOf(file: string): string {
  return join(dirname(file), '.cache', `snippets-${process.pid}`)
}
