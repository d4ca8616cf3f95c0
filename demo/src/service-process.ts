import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('./service.js', import.meta.url))
const startLimitMs = 20_000

/** One real service process of the demo, and all that may befall it. */
export class ServiceProcess {
  readonly name: string
  readonly id: string
  readonly #child: ChildProcess

  private constructor(name: string, id: string, child: ChildProcess) {
    this.name = name
    this.id = id
    this.#child = child
  }

  /** Starts one and waits until it is announced. */
  static async start(name: string, args: readonly string[]): Promise<ServiceProcess> {
    const child = fork(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    // Whatever becomes of the demo, its processes end with it, the frozen ones too.
    process.once('exit', () => child.kill('SIGKILL'))
    const limit = AbortSignal.timeout(startLimitMs)
    const announced = once(child, 'message', { signal: limit }) as Promise<[{ id: string }]>
    const died = once(child, 'exit', { signal: limit }).then(([code]) => {
      throw new Error(`the service process ended with ${code} before it was announced`)
    })
    const [{ id }] = await Promise.race([announced, died])
    died.catch(() => {})
    return new ServiceProcess(name, id, child)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  leave(): void {
    this.#child.kill('SIGTERM')
  }

  /** Ends it for good and waits until it is gone. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}
