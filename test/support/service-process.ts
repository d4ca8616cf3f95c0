import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('./service.mjs', import.meta.url))

// Whatever becomes of the test run, none of its processes outlives it.
const running = new Set<ChildProcess>()
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')))

export interface ServiceSpec {
  readonly url: string
  readonly options?: Record<string, unknown>
  readonly service?: string
  readonly count?: number
}

/** A child process that announces HTTP servers of its own, built from `dist` as a user would have it. */
export class ServiceProcess {
  readonly ids: readonly string[]
  readonly unhandled: string[] = []
  /** How long its registry took to close; undefined before. */
  closedInMs: number | undefined
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, ids: readonly string[]) {
    this.#child = child
    this.ids = ids
    child.on('message', ({ unhandled, closedInMs }: { unhandled?: string; closedInMs?: number }) => {
      if (unhandled !== undefined) this.unhandled.push(unhandled)
      this.closedInMs ??= closedInMs
    })
  }

  static async start(spec: ServiceSpec): Promise<ServiceProcess> {
    const child = fork(program, [JSON.stringify(spec)], {
      // Not the test runner's own flags: this process is to load what users load.
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    running.add(child)
    const died = once(child, 'exit').then(([code]) => {
      throw new Error(`a service process ended with ${code} before it was ready`)
    })
    const [message] = (await Promise.race([once(child, 'message'), died])) as [{ ready: { id: string }[] }]
    died.catch(() => {})
    return new ServiceProcess(
      child,
      message.ready.map(({ id }) => id),
    )
  }

  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name)
  }

  /** Asks it to end, and resolves to its exit code; null if it had to be killed. */
  async end(how: 'close' | 'leave' = 'close', limitMs = 15_000): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode
    const exited = once(this.#child, 'exit')
    this.#child.send(how)
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), limitMs)
    const [code] = (await exited) as [number | null]
    clearTimeout(timer)
    return code
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}
