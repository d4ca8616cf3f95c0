import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { forkProgram, killed, messageOf } from './child.js'
import type { Manner } from './manner.js'

interface Announced {
  readonly id: string
  readonly port: number
}

/** One instance in a process of its own, and all that may befall it. */
export class InstanceProcess {
  readonly id: string
  readonly port: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, id: string, port: number) {
    this.#child = child
    this.id = id
    this.port = port
  }

  /** Starts one and waits until it is announced. */
  static async start(url: string, port = 0): Promise<InstanceProcess> {
    const child = forkProgram('instance', [url, String(port)])
    const { id, port: own } = await messageOf(child, (_: unknown): _ is Announced => true)
    return new InstanceProcess(child, id, own)
  }

  behave(manner: Manner): void {
    this.#child.send(manner)
  }

  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  /** Lets it leave as it would on SIGTERM, and waits until its process has ended. */
  async leave(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.send('leave')
    await gone
  }

  kill(): Promise<void> {
    return killed(this.#child)
  }
}
