import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const startLimitMs = 20_000

/** Forks a program of the lab; whatever becomes of the lab, its processes end with it, the frozen ones too. */
export function forkProgram(name: string, args: readonly string[]): ChildProcess {
  const program = fileURLToPath(new URL(`../${name}.js`, import.meta.url))
  const child = fork(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  return child
}

/** The first message from now on that is the one meant; throws when the child ends without it. */
export function messageOf<T, M extends T = T>(
  child: ChildProcess,
  isMeant: (message: T) => message is M,
  limitMs: number = startLimitMs,
): Promise<M> {
  return new Promise<M>((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      child.off('message', onMessage).off('exit', onExit)
      act()
    }
    const onMessage = (message: T): void => {
      if (isMeant(message)) settle(() => resolve(message))
    }
    const onExit = (code: number | null, signal: string | null): void =>
      settle(() => reject(new Error(`a process of the lab ended with ${signal ?? code} before its time`)))
    const timer = setTimeout(
      () => settle(() => reject(new Error(`a process of the lab was silent for ${limitMs} ms`))),
      limitMs,
    )
    child.on('message', onMessage).on('exit', onExit)
  })
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

export async function killed(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
