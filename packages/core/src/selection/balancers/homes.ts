/** Where a key went last. */
export interface Home {
  readonly key: string
  /** The instance's id, which outlives the endpoint. */
  id: string
  place: number
  /** The change of the candidates after which `place` was right, from 1; 0 when it has none yet. */
  update: number
  usedAt: number
  older: Home
  newer: Home
}

/**
 * The homes of the keys used last: `most` of them at the most, and none that nobody has asked for in `idleMs`. They are
 * linked in a circle by their last use, since in a Map that is used as a queue finding the oldest entry means to walk
 * over all those deleted before it.
 */
export class Homes {
  readonly #most: number
  readonly #idleMs: number
  readonly #byKey = new Map<string, Home>()
  /** Stands between the newest and the oldest. */
  readonly #gap: Home

  constructor(most: number, idleMs: number) {
    this.#most = most
    this.#idleMs = idleMs
    const gap = { key: '', id: '', place: 0, update: 0, usedAt: 0 } as Home
    this.#gap = Object.assign(gap, { older: gap, newer: gap })
  }

  get size(): number {
    return this.#byKey.size
  }

  /** A key's home, which counts as used by that; undefined when it has none. */
  find(key: string, now: number): Home | undefined {
    const home = this.#byKey.get(key)
    if (home === undefined) return undefined
    if (this.#isIdle(home, now)) return this.#forget(home)
    home.usedAt = now
    if (home !== this.#gap.older) {
      unlink(home)
      this.#link(home)
    }
    return home
  }

  /** Makes room if needed, and forgets up to two that are idle: more than one, so that a crowd dwindles. */
  add(key: string, now: number): Home {
    for (let i = 0; i < 2 && this.size > 0 && this.#isIdle(this.#gap.newer, now); i++)
      this.#forget(this.#gap.newer)
    if (this.size >= this.#most) this.#forget(this.#gap.newer)
    const home: Home = { key, id: '', place: 0, update: 0, usedAt: now, older: this.#gap, newer: this.#gap }
    this.#link(home)
    this.#byKey.set(key, home)
    return home
  }

  #isIdle(home: Home, now: number): boolean {
    return now - home.usedAt > this.#idleMs
  }

  #forget(home: Home): undefined {
    unlink(home)
    this.#byKey.delete(home.key)
  }

  /** Before the gap, where the newest is. */
  #link(home: Home): void {
    home.older = this.#gap.older
    home.newer = this.#gap
    home.older.newer = home
    this.#gap.older = home
  }
}

function unlink(home: Home): void {
  home.older.newer = home.newer
  home.newer.older = home.older
}
