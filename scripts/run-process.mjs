import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** A folder with our own pnpm: see `setup.mjs`. */
export const pnpmHome = join(root, '.cache', 'pnpm')
const pnpmBin = join(pnpmHome, 'node_modules', '.bin')

export class StepFailure extends Error {
  isStepFailure = true
}

/** Progress goes to the error stream, so that the output of what is run stays its own. */
export function say(text) {
  console.error(`rollcall: ${text}`)
}

/** Runs a command in the workspace and gives its exit code. With `quiet`, what it prints is shown only if it fails. */
export function run(command, args, { env = {}, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      // Packing, publint and attw look for pnpm on the path.
      env: { ...process.env, PATH: `${pnpmBin}${delimiter}${process.env.PATH}`, ...env },
    })
    const printed = []
    child.stdout?.on('data', (chunk) => printed.push(chunk))
    child.stderr?.on('data', (chunk) => printed.push(chunk))
    const stopForwarding = forwardSignals(child)
    child.once('error', (error) => {
      stopForwarding()
      reject(new StepFailure(`${command} cannot be started: ${error.message}`))
    })
    child.once('close', (code, signal) => {
      stopForwarding()
      if (code !== 0) process.stderr.write(Buffer.concat(printed))
      resolve(signal ? 1 : code)
    })
  })
}

/** One step of the set-up: says what it does, then how long it took. Throws when it fails. */
export async function step(title, command, args, options = {}) {
  say(`${title} ...`)
  const start = performance.now()
  const code = await run(command, args, { quiet: true, ...options })
  if (code !== 0) throw new StepFailure(`${title}: failed with exit code ${code}`)
  say(`${title}: ${((performance.now() - start) / 1000).toFixed(1)} s`)
}

// Ctrl-C reaches the child by itself, which then ends in its own way: we only have to outlive it.
function forwardSignals(child) {
  const ignore = () => {}
  const forward = (signal) => child.kill(signal)
  process.on('SIGINT', ignore)
  process.on('SIGTERM', forward)
  return () => {
    process.off('SIGINT', ignore)
    process.off('SIGTERM', forward)
  }
}
