import type { hash } from 'node:crypto'
import type { Instance } from '../../instance.js'
import type { Endpoint } from '../endpoint.js'
import type { PointScheme } from './hash-ring.js'
import { weightsOf } from './weights.js'

const memcachedPort = 11_211
const pointsEach = 160
const pointsPerDigest = 4

/** Points as libmemcached's `KETAMA_WEIGHTED` places them: see `ring`. */
export const ketamaPoints: PointScheme = {
  seedOf: ({ host, port }) => (port === memcachedPort ? host : `${host}:${port}`),
  counts,
  place,
  compare,
}

/**
 * In single precision and in libmemcached's order, since it shows: each of 24 equals has 40 digests, each of 25 has 39,
 * because of how 1/25 is rounded on the way.
 */
function counts(candidates: readonly Endpoint[]): Uint32Array {
  const { fround } = Math
  const weights = weightsOf(candidates)
  const total = fround(weights.reduce((sum, weight) => sum + weight, 0))
  return new Uint32Array(weights).map((weight) => {
    const points = fround(fround(weight / total) * pointsEach)
    const digests = fround(fround((points / pointsPerDigest) * weights.length) + fround(1e-10))
    return Math.floor(digests) * pointsPerDigest
  })
}

function place(address: string, points: Int32Array): void {
  for (let i = 0; i < points.length; i += pointsPerDigest) {
    const digest = md5(`${address}-${i / pointsPerDigest}`)
    for (let j = 0; j < pointsPerDigest; j++) points[i + j] = int32At(digest, 4 * j)
  }
}

/** Where a key belongs among ketama's points. */
export function ketamaHash(key: string): number {
  return int32At(md5(key), 0)
}

let hashOf: typeof hash | undefined

/** One character for each byte: a Buffer would cost more than the digest itself. */
function md5(text: string): string {
  hashOf ??= process.getBuiltinModule('node:crypto').hash
  return hashOf('md5', text, 'binary')
}

/** Little endian. */
function int32At(bytes: string, at: number): number {
  const upper = (bytes.charCodeAt(at + 3) << 24) | (bytes.charCodeAt(at + 2) << 16)
  return upper | (bytes.charCodeAt(at + 1) << 8) | bytes.charCodeAt(at)
}

/** As libmemcached has its hosts in order when told to sort them; among equals it takes the first. */
function compare(a: Instance, b: Instance): number {
  const byHost = Buffer.compare(Buffer.from(a.host), Buffer.from(b.host))
  return byHost || a.port - b.port || (a.id < b.id ? -1 : Number(a.id > b.id))
}
