import { bracket, defineAdapter, messageOf, readInstance, RollcallError } from '@rollcall/core/adapter'

// What this store can do. Core and the conformance suite go by it.
const capabilities = {
  register: true,
  update: true,
  watchServices: true,
  weights: true,
  metadata: true,
  status: true,
  sharedLease: false,
  minTtlMs: 100,
  maxTtlMs: 86_400_000,
  ttlStepMs: 1,
  goneAfterMs: 500,
  quietMs: 10_000,
}

/** Each verb does its job once and throws when it can't. Repeating, waiting and heartbeats are core's. */
class BoardAdapter {
  name = 'board'
  capabilities = capabilities
  #origin
  #pollMs
  #closed = false

  constructor(origin, pollMs) {
    this.#origin = origin
    this.#pollMs = pollMs
  }

  // The board can't tell of changes, so each pull asks anew; core does the waiting.
  async *watch(service, signal) {
    for (;;) {
      const notices = await this.#send('GET', `/services/${encodeURIComponent(service)}`, signal)
      yield { ...readAll(service, notices), askAgainMs: this.#pollMs }
    }
  }

  async *watchServices(signal) {
    for (;;) yield await this.#send('GET', '/services', signal)
  }

  async register(instance, askedMs, signal) {
    const ttlMs = Math.min(Math.max(askedMs, capabilities.minTtlMs), capabilities.maxTtlMs)
    await this.#send('PUT', pathOf(instance), signal, { ...instance, ttlMs })
    const renewal = `${pathOf(instance)}?incarnation=${instance.incarnation}`
    return { ttlMs, renew: (attempt) => this.#send('POST', renewal, attempt) }
  }

  async release(instance, signal) {
    await this.#send('DELETE', `${pathOf(instance)}?incarnation=${instance.incarnation}`, signal)
  }

  async close() {
    this.#closed = true
  }

  async #send(method, path, signal, body) {
    if (this.#closed) throw new RollcallError('CLOSED', 'board: the adapter is closed')
    const response = await fetch(this.#origin + path, { method, signal, body: body && JSON.stringify(body) })
    const text = await response.text()
    if (response.status === 404) throw new RollcallError('LEASE_LOST', `board: ${path} is gone`)
    if (response.status === 409)
      throw new RollcallError('REPLACED', `board: a newer incarnation holds ${path}`)
    if (!response.ok) throw new Error(`board: ${method} ${path} was answered with ${response.status}`)
    return text && JSON.parse(text)
  }
}

const pathOf = ({ service, id }) => `/services/${encodeURIComponent(service)}/${encodeURIComponent(id)}`

/** Anybody may have written a notice: what can't be read is skipped, and spoils nothing. */
function readAll(service, notices) {
  const instances = []
  const skipped = []
  for (const notice of notices) {
    try {
      instances.push(readInstance({ ...notice, service }))
    } catch (error) {
      skipped.push({ key: notice.id, reason: messageOf(error) })
    }
  }
  return { instances, skipped }
}

/** `board://host:port`, for `connect(url, { adapters: [board] })`. */
export const board = defineAdapter({
  schemes: ['board'],
  accepts: { hosts: 'one', defaultPort: 8080 },
  options: {
    pollMs: { type: 'number', default: 250, min: 100, max: 60_000, about: 'how often to look, in ms' },
  },
  open({ hosts: [at = { host: 'localhost', port: 8080 }] }, { pollMs }) {
    return new BoardAdapter(`http://${bracket(at.host)}:${at.port}`, pollMs)
  },
})
