import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Names a process so that others can tell whether it still runs. */
export interface ProcessIdentity {
  readonly pid: number
  /** When the kernel started it, in its own ticks; empty where it can't be told. */
  readonly started: string
  /** Where the pid means something: this boot of this machine, this pid namespace. */
  readonly realm: string
}

let own: ProcessIdentity | undefined

export function ownIdentity(): ProcessIdentity {
  own ??= { pid: process.pid, started: statOf(process.pid)?.started ?? '', realm: findRealm() }
  return own
}

/**
 * Whether the process has surely ended. False also when that can't be told: in another container, on another
 * machine that shares the folder, or before the last boot.
 */
export function hasEnded({ pid, started, realm }: ProcessIdentity): boolean {
  const self = ownIdentity()
  if (realm !== self.realm || (pid === self.pid && started === self.started)) return false
  if (started === '') return !answers(pid)
  const stat = statOf(pid)
  // A process that was killed is a zombie until its parent asks for its exit code.
  return stat ? stat.started !== started || stat.state === 'Z' || stat.state === 'X' : !answers(pid)
}

function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** From Linux' `/proc/PID/stat`, proc(5): the state is field 3, the start time field 22. */
function statOf(pid: number): { state: string; started: string } | undefined {
  const text = readOr('', () => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  // Field 2 is the program's name in brackets and may hold anything, brackets and blanks too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, started] = [fields[0], fields[19]]
  return state && started ? { state, started } : undefined
}

function findRealm(): string {
  const boot = readOr(hostname(), () => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim())
  return `${boot} ${readOr(process.platform, () => readlinkSync('/proc/self/ns/pid'))}`
}

function readOr(fallback: string, read: () => string): string {
  try {
    return read()
  } catch {
    return fallback
  }
}
