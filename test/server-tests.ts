import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The test files that start real servers: those that say `startServer`, themselves or in what they import from beside
 * them. Read from the files, since a rule about their names would be forgotten.
 */
export function serverTests(): string[] {
  return testFolders()
    .flatMap(filesUnder)
    .filter((file) => file.endsWith('.test.ts') && startsServers(file, new Set()))
}

function testFolders(): string[] {
  const packages = readdirSync('packages').map((name) => join('packages', name, 'test'))
  return ['test', ...packages].filter((folder) => existsSync(folder))
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
}

function startsServers(file: string, seen: Set<string>): boolean {
  if (seen.has(file) || !existsSync(file)) return false
  seen.add(file)
  const text = readFileSync(file, 'utf8')
  return /\bstartServer\b/.test(text) || besides(file, text).some((next) => startsServers(next, seen))
}

/** What a file imports by a relative path within its test folder: a package's sources would lead too far. */
function besides(file: string, text: string): string[] {
  return [...text.matchAll(/from '(\.[^']+)\.js'/g)]
    .map((found) => join(dirname(file), `${found[1]}.ts`))
    .filter((path) => /(^|\/)test\//.test(path))
}
