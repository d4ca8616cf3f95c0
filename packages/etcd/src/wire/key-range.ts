/** All keys that start with `prefix`, as etcd's ranges want it. */
export function keysUnder(prefix: string): { key: Buffer; range_end: Buffer } {
  const key = Buffer.from(prefix)
  return { key, range_end: successor(key) }
}

/** The first key after all that start with `prefix`: its last byte plus one. A prefix never ends in 0xff: it is UTF-8. */
function successor(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix)
  end[end.length - 1]! += 1
  return end
}

/** The first key after `key`: where the next page starts. */
export function after(key: Buffer): Buffer {
  return Buffer.concat([key, Buffer.from([0])])
}
