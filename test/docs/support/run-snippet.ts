import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeSnippet, type Snippet } from './snippets.js'

export interface Run {
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

/** Runs a snippet in plain Node, on what is built, as its reader would. Ends it after 20 s. */
export async function runSnippet(snippet: Snippet, code: string = snippet.code): Promise<Run> {
  for (const [, port] of code.matchAll(/\.listen\((\d+)\)/g)) await mustBeFree(Number(port), snippet)
  const path = writeSnippet(snippet, code, 'mjs')
  // So that `local:` meets nobody who is on this machine already.
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-snippet-'))
  const env = { ...process.env, XDG_RUNTIME_DIR: folder, ROLLCALL_HOST: '127.0.0.1', NODE_OPTIONS: '' }
  try {
    return await new Promise((resolve) => {
      execFile(process.execPath, [path], { env, timeout: 20_000 }, (error, stdout, stderr) => {
        resolve({ code: error ? (error.code ?? error.signal ?? 'unknown') : 0, stdout, stderr })
      })
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function mustBeFree(port: number, { at }: Snippet): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const fix = `${at} listens on port ${port}: free it, and run this test again`
      reject(new Error(`Port ${port} of this machine can't be had (${error.code}), and ${fix}.`))
    })
    probe.listen(port, () => probe.close(() => resolve()))
  })
}
