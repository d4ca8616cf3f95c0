import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { headingsOf } from './support/markdown.js'
import { documents } from './support/snippets.js'

describe('links between documents', () => {
  it.each(documents())('%s has none that leads nowhere', (file) => {
    const text = readFileSync(file, 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '')
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((found) => found[1]!)
    expect(links.filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(file, link))).toEqual([])
  })
})

function leadsSomewhere(from: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? from : join(dirname(from), path)
  if (!existsSync(target)) return false
  if (anchor === undefined) return true
  const file = statSync(target).isDirectory() ? join(target, 'README.md') : target
  return existsSync(file) && headingsOf(file).map(anchorOf).includes(anchor)
}

/** As GitHub makes them. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}
