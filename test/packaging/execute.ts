import { execFile } from 'node:child_process'
import { delimiter, resolve } from 'node:path'

const pnpm = resolve('.cache/pnpm/node_modules/.bin')

/** Runs a program to its end and gives what it printed. Rejects with all its output when it fails or hangs. */
export function execute(
  file: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const options = { cwd, env: { ...cleanEnvironment(), ...env }, timeout: 180_000 }
  return new Promise((done, fail) => {
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      if (error) fail(new Error(`${error.message}\n${stdout}\n${stderr}`))
      else done(stdout)
    })
    child.stdin?.end()
  })
}

// What npm and vitest tell their children would reach into the projects that are to be empty.
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(package|lifecycle|command|execpath)|NODE_OPTIONS$|NODE_ENV$|VITEST)/.test(name),
  )
  return { ...Object.fromEntries(kept), PATH: `${pnpm}${delimiter}${process.env['PATH']}` }
}
