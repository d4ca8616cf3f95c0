import { readFileSync } from 'node:fs'

/** The first lines that a reader of the README copies, and what they are to print. */
export const snippet = firstBlock(readFileSync('README.md', 'utf8'))
export const printed = 'order /42'

/** The same for a project that calls `require`. */
export function asCommonJs(module: string): string {
  const body = module.replace(/^import (\{[^}]+\}) from ('[^']+')$/gm, 'const $1 = require($2)')
  return `async function main() {\n${body}}\nmain()\n`
}

function firstBlock(markdown: string): string {
  const block = /```(?:js|ts)\n([\s\S]*?)```/.exec(markdown)?.[1]
  if (block === undefined) throw new Error('README.md has no block of js or ts')
  return block
}
