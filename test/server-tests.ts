import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The test files that start real servers, themselves or through what they import from beside them. */
export function serverTests(patterns: readonly string[]): string[] {
  return filesOf(patterns).filter((file) => startsServers(file, new Set()))
}
