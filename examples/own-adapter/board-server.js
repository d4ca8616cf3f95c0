import { createServer } from 'node:http'

/**
 * The store of this example: a notice board of our own, in memory, spoken to by HTTP. Stands for whatever knows your
 * instances already. A notice comes down by itself `ttlMs` after it was last renewed.
 *
 *     GET    /services                        ["orders"]
 *     GET    /services/orders                 [{ "id": "a", "host": "10.0.0.1", "port": 3000, … }]
 *     PUT    /services/orders/a               puts a notice up, unless a newer incarnation's hangs there: 409
 *     POST   /services/orders/a?incarnation=… renews it: 404 when it is gone, 409 when a newer one took its place
 *     DELETE /services/orders/a?incarnation=… takes it down
 */
export function createBoard() {
  const services = new Map()

  const fresh = (service) => {
    const notices = services.get(service) ?? new Map()
    for (const [id, { endsAt }] of notices) if (endsAt <= performance.now()) notices.delete(id)
    return notices
  }

  const verbs = {
    GET: (service) =>
      service === undefined
        ? [200, [...services.keys()].filter((name) => fresh(name).size > 0)]
        : [200, [...fresh(service)].map(([id, { body }]) => ({ ...body, id }))],

    PUT(service, id, _, body) {
      const notices = fresh(service)
      if (notices.get(id)?.body.incarnation > body.incarnation) return [409]
      notices.set(id, { body, endsAt: performance.now() + body.ttlMs })
      services.set(service, notices)
      return [204]
    },

    POST(service, id, incarnation) {
      const notice = fresh(service).get(id)
      if (!notice) return [404]
      if (notice.body.incarnation !== incarnation) return [409]
      notice.endsAt = performance.now() + notice.body.ttlMs
      return [204]
    },

    DELETE(service, id, incarnation) {
      const notices = fresh(service)
      if (notices.get(id)?.body.incarnation === incarnation) notices.delete(id)
      return [204]
    },
  }

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://board')
    const [, , service, id] = pathname.split('/').map(decodeURIComponent)
    let text = ''
    for await (const chunk of request) text += chunk
    const [status, answer] = verbs[request.method](
      service,
      id,
      searchParams.get('incarnation'),
      text && JSON.parse(text),
    )
    response.writeHead(status).end(answer && JSON.stringify(answer))
  })
  return { server, forgetAll: () => services.clear() }
}
