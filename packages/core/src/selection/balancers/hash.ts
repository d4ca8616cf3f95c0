/**
 * A 32-bit hash of a text, well mixed in every bit, as a signed integer: V8 keeps those without allocating, while
 * numbers above 2^31 may cost 16 bytes each. The same in every process and on every machine, for ever: what is kept
 * together by it must stay together across versions.
 *
 * MurmurHash3_x86_32 (Austin Appleby, public domain) of the text's UTF-16 code units, little endian. Strings are held
 * as code units, so reading them so costs no encoding and no buffer, and a lone surrogate is a key like any other; in
 * UTF-8 all of those would be the same replacement character. Two units go into each block, which makes it one round
 * for every two characters.
 */
export function hash32(text: string, seed: number): number {
  const { length } = text
  const paired = length & ~1
  let hash = seed | 0
  for (let i = 0; i < paired; i += 2) {
    hash ^= scrambled(text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16))
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }
  if (paired < length) hash ^= scrambled(text.charCodeAt(paired))
  return mix32(hash ^ (length * 2))
}

/** Murmur3's finalizer: a bijection of 32 bits in which every bit of the input changes half of the output's. */
export function mix32(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

function scrambled(block: number): number {
  const spread = Math.imul(block, 0xcc9e2d51)
  return Math.imul((spread << 15) | (spread >>> 17), 0x1b873593)
}
