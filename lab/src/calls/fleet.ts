import { InstanceProcess } from './instance-process.js'

const size = 5

/** The instances of `orders`, and who is the next to suffer. */
export class Fleet {
  readonly #url: string
  readonly #members: InstanceProcess[] = []
  #turn = 0

  constructor(url: string) {
    this.#url = url
  }

  async assemble(): Promise<void> {
    for (let i = 0; i < size; i++) this.#members.push(await InstanceProcess.start(this.#url))
  }

  get ids(): string[] {
    return this.#members.map(({ id }) => id)
  }

  /** Another one each time. */
  nextVictim(): InstanceProcess {
    return this.#members[this.#turn++ % size]!
  }

  /** A new process where the old one was: at its port, as a supervisor would start it. */
  async restart(dead: InstanceProcess): Promise<void> {
    this.#replace(dead, await InstanceProcess.start(this.#url, dead.port))
  }

  /** Everybody leaves and is replaced at a port of its own, one after the other. */
  async roll(): Promise<void> {
    for (const old of [...this.#members]) {
      await old.leave()
      this.#replace(old, await InstanceProcess.start(this.#url))
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.kill()))
  }

  #replace(old: InstanceProcess, by: InstanceProcess): void {
    this.#members[this.#members.indexOf(old)] = by
  }
}
