import { Watch } from './watch.js'

/** The watches of one connection, by the node that they watch. */
export class Watches {
  readonly #byPath = new Map<string, Set<Watch>>()

  add(path: string): Watch {
    const watch = new Watch(path)
    const others = this.#byPath.get(path)
    if (others) others.add(watch)
    else this.#byPath.set(path, new Set([watch]))
    return watch
  }

  /** True when it was the last one of its node. */
  remove(watch: Watch): boolean {
    const watches = this.#byPath.get(watch.path)
    if (!watches?.delete(watch) || watches.size > 0) return false
    return this.#byPath.delete(watch.path)
  }

  /** Tells those that watch the node or one above it. */
  change(path: string): void {
    for (let node = path; node !== ''; node = node.slice(0, node.lastIndexOf('/'))) {
      for (const watch of this.#byPath.get(node) ?? []) watch.change(path)
    }
    for (const watch of this.#byPath.get('/') ?? []) watch.change(path)
  }

  confirm(): void {
    for (const watch of this.#all()) watch.confirm()
  }

  fail(error: Error): void {
    for (const watch of this.#all()) watch.fail(error)
    this.#byPath.clear()
  }

  #all(): Watch[] {
    return [...this.#byPath.values()].flatMap((watches) => [...watches])
  }
}
