/** Servers, and which of them, counted from 0, another client takes for each key. */
export interface KetamaVectors {
  readonly servers: readonly { readonly host: string; readonly port: number; readonly weight: number }[]
  readonly key: (i: number) => string
  readonly owners: readonly number[]
}

function keyOf(i: number): string {
  return i % 3 === 0 ? `schön/${i}` : `user:${i}`
}

function server(host: string, port: number, weight = 1): KetamaVectors['servers'][number] {
  return { host, port, weight }
}

/**
 * libmemcached 1.1.4 (Debian 12's libmemcached11): `memcached_generate_hash` after MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED and
 * `memcached_server_add_with_weight` in this order.
 */
export const libmemcached: Readonly<Record<string, KetamaVectors>> = {
  'equal weights, one on port 11211': {
    servers: [
      server('10.0.1.1', 3000),
      server('10.0.1.2', 3000),
      server('10.0.1.3', 11_211),
      server('10.0.1.3', 3001),
      server('cache.test', 11_212),
    ],
    key: keyOf,
    owners: [
      0, 3, 1, 3, 2, 4, 0, 2, 4, 3, 0, 2, 2, 0, 3, 2, 0, 3, 1, 0, 1, 2, 3, 0, 2, 3, 1, 2, 1, 4, 1, 2, 1, 2, 1,
      1, 2, 0, 1, 3, 1, 1, 1, 4, 1, 4, 2, 4, 2, 4, 1, 2, 1, 2, 1, 3, 4, 1, 1, 3, 3, 2, 2, 4, 1, 1, 4, 3, 2, 3,
      3, 4, 2, 3, 3, 1, 2, 4, 3, 0, 4, 4, 0, 2, 2, 1, 3, 3, 3, 2, 2, 0, 2, 2, 2, 4, 3, 2, 3, 1, 4, 0, 1, 0, 4,
      0, 0, 4, 3, 4, 4, 0, 2, 2, 0, 3, 1, 2, 4, 2,
    ],
  },
  'weights, one too small for any point': {
    servers: [
      server('10.0.1.1', 11_211, 600),
      server('10.0.1.2', 11_211, 300),
      server('10.0.1.3', 3000, 200),
      server('10.0.1.4', 3001, 1),
    ],
    key: keyOf,
    owners: [
      2, 2, 1, 0, 0, 2, 0, 0, 0, 2, 1, 1, 2, 1, 0, 2, 1, 0, 0, 2, 2, 0, 2, 0, 1, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0,
      2, 0, 0, 2, 0, 0, 0, 0, 1, 2, 1, 2, 2, 0, 1, 1, 1, 1, 2, 0, 0, 0, 2, 1, 0, 0, 1, 0, 2, 2, 0, 0, 0, 0, 2,
      1, 2, 2, 1, 0, 0, 1, 0, 2, 0, 1, 0, 2, 0, 1, 2, 0, 1, 1, 1, 2, 0, 2, 1, 0, 1, 1, 0, 0, 2, 2, 0, 1, 0, 0,
      0, 1, 0, 2, 1, 0, 1, 0, 2, 0, 0, 0, 2, 1, 2,
    ],
  },
  '25 equals, of which each has 39 digests': {
    servers: Array.from({ length: 25 }, (_, i) => server(`10.1.0.${i}`, 4000)),
    key: keyOf,
    owners: [
      6, 17, 16, 17, 10, 2, 22, 1, 19, 6, 5, 14, 6, 7, 17, 22, 19, 23, 17, 24, 7, 5, 9, 21, 14, 21, 11, 5, 8,
      6, 6, 12, 9, 1, 24, 2, 14, 1, 18, 10, 12, 5, 14, 3, 18, 19, 0, 19, 6, 20, 7, 13, 1, 3, 6, 17, 24, 9, 10,
      7, 4, 20, 12, 3, 3, 0, 4, 17, 15, 8, 21, 5, 18, 11, 4, 23, 0, 3, 8, 10, 14, 11, 0, 14, 4, 11, 9, 6, 7,
      8, 9, 24, 22, 16, 6, 19, 12, 20, 19, 17, 0, 13, 3, 8, 19, 16, 19, 0, 21, 0, 12, 10, 23, 5, 10, 18, 8,
      17, 18, 2,
    ],
  },
}

/** hashring 3.2.0 (npm): `new HashRing(servers, 'md5').get(key)` with servers as `host:port`. */
export const hashring: KetamaVectors = {
  servers: Array.from({ length: 6 }, (_, i) => server(`10.2.0.${i}`, 3000)),
  key: (i) => `order-${i}`,
  owners: [
    1, 2, 3, 4, 0, 2, 0, 3, 5, 4, 4, 2, 5, 0, 4, 2, 5, 4, 3, 2, 4, 3, 4, 5, 4, 5, 4, 4, 2, 3, 5, 4, 1, 4, 4,
    5, 3, 1, 0, 2, 5, 1, 3, 0, 5, 5, 1, 5, 3, 5, 4, 0, 2, 4, 4, 5, 3, 5, 0, 1, 4, 5, 1, 5, 1, 5, 5, 5, 1, 5,
    4, 3, 0, 5, 1, 2, 0, 2, 2, 2, 2, 5, 2, 4, 4, 4, 3, 2, 0, 1, 3, 4, 3, 5, 0, 5, 3, 0, 3, 1, 2, 3, 5, 5, 0,
    2, 5, 2, 0, 3, 2, 1, 2, 5, 2, 5, 1, 3, 0, 1,
  ],
}
