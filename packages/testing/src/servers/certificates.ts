import { execFile } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ServerError } from './server-error.js'

/** A certificate and its key, as paths of PEM files. */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

/**
 * The certificates made for one server, as paths of PEM files. `ca`, `cert` and `key` are what a client needs: `cert`
 * names `alice`.
 */
export interface TlsFiles extends KeyPair {
  readonly ca: string
  /** Signed by the same authority, for a client named `mallory`, whom no server knows. */
  readonly other: KeyPair
  /** Signed by the same authority, without a common name. etcd's JSON gateway takes no other. */
  readonly nameless: KeyPair
  /** An authority that has signed none of these. */
  readonly wrongCa: string
  /** For `localhost`, `127.0.0.1`, `server.dc1.consul` and the host where the server listens. */
  readonly server: KeyPair & { readonly both: string }
}

/** PEM texts as `node:tls` takes them. */
export interface TlsMaterial {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

const run = promisify(execFile)
const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
const days = '-days 2'

/**
 * Makes an authority and certificates for a server and its clients (P-256, two days) in an existing folder. `host` is
 * where the server listens, when clients find it neither at `localhost` nor at 127.0.0.1.
 */
export async function makeCertificates(folder: string, host = 'localhost'): Promise<TlsFiles> {
  await Promise.all([makeAuthority(folder, 'ca'), makeAuthority(folder, 'wrong-ca')])
  const own = `${isIP(host) ? 'IP' : 'DNS'}:${host}`
  const names = `DNS:localhost,DNS:server.dc1.consul,IP:127.0.0.1,${own}`
  const [server, alice, other, nameless] = await Promise.all([
    sign(folder, 'server', '/CN=server.dc1.consul', names),
    sign(folder, 'alice', '/CN=alice', 'DNS:alice'),
    sign(folder, 'mallory', '/CN=mallory', 'DNS:mallory'),
    sign(folder, 'nameless', '/O=nameless', 'DNS:nameless'),
  ])
  const both = join(folder, 'server-both.pem')
  await writeFile(both, (await readFile(server.cert, 'utf8')) + (await readFile(server.key, 'utf8')))
  const authorities = { ca: join(folder, 'ca.pem'), wrongCa: join(folder, 'wrong-ca.pem') }
  return { ...authorities, ...alice, other, nameless, server: { ...server, both } }
}

/** What our own probes show: the certificate without a name, which every server takes. */
export async function materialOf(files: TlsFiles): Promise<TlsMaterial> {
  const read = (path: string): Promise<string> => readFile(path, 'utf8')
  const { cert, key } = files.nameless
  return { ca: await read(files.ca), cert: await read(cert), key: await read(key) }
}

async function makeAuthority(folder: string, name: string): Promise<void> {
  const extensions = '-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign'
  const files = `-keyout ${name}.key -out ${name}.pem`
  await openssl(folder, `req -x509 ${newKey} ${days} -subj /CN=rollcall-test-${name} ${files} ${extensions}`)
}

async function sign(folder: string, name: string, subject: string, alternatives: string): Promise<KeyPair> {
  const extensions = [
    `subjectAltName=${alternatives}`,
    'extendedKeyUsage=serverAuth,clientAuth',
    'keyUsage=digitalSignature',
  ]
  await writeFile(join(folder, `${name}.ext`), extensions.join('\n'))
  await openssl(folder, `req ${newKey} -subj ${subject} -keyout ${name}.key -out ${name}.csr`)
  const authority = `-CA ca.pem -CAkey ca.key -set_serial ${randomInt(1, 2 ** 47)}`
  const files = `-in ${name}.csr -extfile ${name}.ext -out ${name}.pem`
  await openssl(folder, `x509 -req ${authority} ${days} ${files}`)
  return { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) }
}

async function openssl(folder: string, words: string): Promise<void> {
  try {
    await run('openssl', words.split(' '), { cwd: folder, timeout: 20_000 })
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (!isMissing) throw error
    throw new ServerError('SERVER_UNAVAILABLE', 'certificates need openssl: install it', { cause: error })
  }
}
