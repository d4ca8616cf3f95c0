import { ServiceWatch, type WatchTools } from './service-watch.js'

/** One watch a service, shared by all who use it and ended with the last of them. */
export class ServiceWatches<User extends object> {
  readonly #tools: WatchTools
  readonly #open = new Map<string, { watch: ServiceWatch; users: Set<User> }>()

  constructor(tools: WatchTools) {
    this.#tools = tools
  }

  /** All who use a watch at present. */
  get users(): User[] {
    return [...this.#open.values()].flatMap(({ users }) => [...users])
  }

  use(service: string, user: User): ServiceWatch {
    const entry = this.#open.get(service) ?? {
      watch: new ServiceWatch(this.#tools, service),
      users: new Set(),
    }
    this.#open.set(service, entry)
    entry.users.add(user)
    return entry.watch
  }

  leave(service: string, user: User): void {
    const entry = this.#open.get(service)
    if (!entry?.users.delete(user) || entry.users.size > 0) return
    this.#open.delete(service)
    entry.watch.close()
  }
}
