import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates, type TlsFiles } from '@rollcall/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProbeOptions } from '../../src/health/probe-options.js'
import { checking, listening, refusing, type Loopback } from './loopback.js'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

async function serving(handler: Handler): Promise<Loopback> {
  return listening(createServer(handler))
}

async function asked(handler: Handler, options: ProbeOptions = {}): Promise<unknown> {
  const at = await serving(handler)
  return checking({ check: 'http', ...options }, at.instance()).ask()
}

const answering =
  (status: number): Handler =>
  (_, response) =>
    response.writeHead(status).end('body')

describe('http', () => {
  it('asks for / by GET, in the name of the address', async () => {
    let seen: IncomingMessage | undefined
    const at = await serving((request, response) => {
      seen = request
      response.end()
    })
    expect(await checking({ check: 'http' }, at.instance()).ask()).toBe('passed')
    expect(seen).toMatchObject({
      method: 'GET',
      url: '/',
      headers: { host: `127.0.0.1:${at.port}`, 'user-agent': 'rollcall' },
    })
  })

  it('asks as it is told', async () => {
    let seen: IncomingMessage | undefined
    const options = { method: 'HEAD', path: '/health?deep=1', host: 'orders.internal:81' } as const
    const result = await asked((request, response) => {
      seen = request
      response.end()
    }, options)
    expect(result).toBe('passed')
    expect(seen).toMatchObject({
      method: 'HEAD',
      url: '/health?deep=1',
      headers: { host: 'orders.internal:81' },
    })
  })

  it.each([
    [200, {}, 'passed'],
    [299, {}, 'passed'],
    [302, {}, 'it answered with status 302'],
    [404, {}, 'it answered with status 404'],
    [503, {}, 'it answered with status 503'],
    [302, { expect: [200, '300-399'] }, 'passed'],
    [201, { expect: [200, '300-399'] }, 'it answered with status 201'],
    [418, { expect: 418 }, 'passed'],
    [200, { expect: '418' }, 'it answered with status 200'],
  ] as [number, ProbeOptions, string][])('%i with %j: %s', async (status, options, result) => {
    expect(await asked(answering(status), options)).toBe(result)
  })

  it('follows no redirect', async () => {
    let requests = 0
    await asked((_, response) => {
      requests++
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    expect(requests).toBe(1)
  })

  it('fails where nobody listens, and where no HTTP is spoken', async () => {
    expect(await checking({ check: 'http' }, await refusing(createTcpServer())).ask()).toMatch(/ECONNREFUSED/)
    const mail = await listening(createTcpServer((socket) => socket.end('220 mail.example ESMTP\r\n')))
    expect(await checking({ check: 'http' }, mail.instance()).ask()).toMatch(/Parse Error/)
  })

  it('keeps one connection for all its checks', async () => {
    const at = await serving(answering(200))
    const check = checking({ check: 'http' }, at.instance())
    for (let i = 0; i < 5; i++) expect(await check.ask()).toBe('passed')
    expect(at.accepted).toHaveLength(1)
  })

  it('keeps it after a bad answer too', async () => {
    const at = await serving(answering(500))
    const check = checking({ check: 'http' }, at.instance())
    for (let i = 0; i < 3; i++) await check.ask()
    expect(at.accepted).toHaveLength(1)
  })

  it('takes a kept connection that turns out to be closed for no sign of illness', async () => {
    const seen = new Set<unknown>()
    const at = await serving(({ socket }, response) => {
      if (seen.has(socket)) return socket.destroy()
      seen.add(socket)
      return response.end()
    })
    const check = checking({ check: 'http' }, at.instance())
    for (let i = 0; i < 4; i++) expect(await check.ask()).toBe('passed')
    expect(at.accepted).toHaveLength(4)
  })

  it('takes a new connection that is closed unanswered for one', async () => {
    const at = await serving(({ socket }) => socket.destroy())
    expect(await checking({ check: 'http' }, at.instance()).ask()).toBe('socket hang up')
    expect(at.accepted).toHaveLength(1)
  })

  it('reads no body without end, and judges by the status', async () => {
    let closed: Promise<void> | undefined
    const result = await asked((_, response) => {
      closed = new Promise((resolve) => response.on('close', resolve))
      const more = (): void => void (response.destroyed || response.write(Buffer.alloc(16_384), more))
      more()
    })
    expect(result).toBe('passed')
    await closed
  })

  it('ends its connection when it is aborted, whether the server answers late or not to the end', async () => {
    for (const begun of [false, true]) {
      let closed: Promise<void> | undefined
      let arrived = (): void => {}
      const arrival = new Promise<void>((resolve) => (arrived = resolve))
      const at = await serving((request, response) => {
        closed = new Promise((resolve) => request.socket.on('close', resolve))
        if (begun) response.write('a')
        arrived()
      })
      const over = new AbortController()
      const target = at.instance()
      const probe = checking({ check: 'http' }, target).run(target, over.signal)
      await arrival
      over.abort()
      await expect(probe).rejects.toThrow()
      await closed
    }
  })

  it('opens no new connection when it is aborted on a kept one', async () => {
    let arrived = (): void => {}
    const arrival = new Promise<void>((resolve) => (arrived = resolve))
    const at = await serving((_, response) => {
      if (at.accepted.length > 1 || arrivals++ > 0) return arrived()
      return response.end()
    })
    let arrivals = 0
    const target = at.instance()
    const check = checking({ check: 'http' }, target)
    expect(await check.ask()).toBe('passed')
    const over = new AbortController()
    const probe = check.run(target, over.signal)
    await arrival
    over.abort()
    await expect(probe).rejects.toThrow()
    expect(await checking({ check: 'tcp' }, target).ask()).toBe('passed')
    expect(at.accepted).toHaveLength(2)
  })

  it('ends the connection that it kept when it is closed', async () => {
    let closed: Promise<void> | undefined
    const at = await serving((request, response) => {
      closed = new Promise((resolve) => request.socket.on('close', resolve))
      response.end()
    })
    const check = checking({ check: 'http' }, at.instance())
    await check.ask()
    check.close!()
    await closed
  })
})

describe('https', () => {
  let folder: string
  let files: TlsFiles
  let at: Loopback
  let names: (string | false | undefined)[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-https-'))
    files = await makeCertificates(folder)
    const [cert, key, ca] = await Promise.all(
      [files.server.cert, files.server.key, files.ca].map((file) => readFile(file)),
    )
    const server = createTlsServer(
      { cert, key, ca, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const { authorized, servername } = request.socket as never as {
          authorized: boolean
          servername?: string | false
        }
        names.push(servername)
        response.writeHead(request.url === '/mutual' && !authorized ? 401 : 200).end()
      },
    )
    at = await listening(server)
  }, 30_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const ask = (options: ProbeOptions = {}): Promise<unknown> => {
    names = []
    const target = at.instance({ scheme: 'https' })
    return checking({ check: 'http', ...options }, target).ask()
  }

  it('verifies the certificate, by the authority given', async () => {
    expect(await ask()).toMatch(/self-signed certificate|unable to verify/)
    expect(await ask({ ca: files.wrongCa })).toMatch(/self-signed certificate|unable to verify/)
    expect(await ask({ ca: files.ca })).toBe('passed')
    expect(await ask({ ca: await readFile(files.ca, 'utf8') })).toBe('passed')
  })

  it('expects the name that it is given, and asks for it', async () => {
    expect(await ask({ ca: files.ca, serverName: 'orders.internal' })).toMatch(/does not match/)
    expect(await ask({ ca: files.ca, serverName: 'server.dc1.consul' })).toBe('passed')
    expect(names).toEqual(['server.dc1.consul'])
    expect(await ask({ ca: files.ca, host: 'server.dc1.consul:99' })).toBe('passed')
    expect(names).toEqual(['server.dc1.consul'])
    expect(await ask({ ca: files.ca, host: 'orders.internal' })).toMatch(/does not match/)
    expect(await ask({ ca: files.ca, host: 'orders.internal', serverName: 'localhost' })).toBe('passed')
  })

  it('shows its own certificate', async () => {
    expect(await ask({ ca: files.ca, path: '/mutual' })).toBe('it answered with status 401')
    const { cert, key } = files
    expect(await ask({ ca: files.ca, path: '/mutual', cert, key })).toBe('passed')
  })
})
