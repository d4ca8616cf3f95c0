/**
 * The texts under which a secret may turn up: as it is, in a URL or a form, in JSON (which escapes a PEM key's line
 * ends), and in base64, alone or within something longer, such as the `user:password` of a header.
 */
export function secretForms(secret: string): string[] {
  if (secret === '') return []
  // Half a surrogate pair can't be encoded, and makes encodeURIComponent throw.
  const text = Buffer.from(secret).toString()
  return [
    secret,
    encodeURI(text),
    encodeURIComponent(text),
    new URLSearchParams([['', text]]).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    ...base64Forms(secret).flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]),
  ]
}

// Shorter ones would blot out innocent words.
const shortestPart = 4

/**
 * Base64 writes 6 bits a character, so the same bytes look different after 0, 1 or 2 others: of each, the characters
 * that hold nothing but bits of the secret.
 */
function base64Forms(secret: string): string[] {
  const alone = Buffer.from(secret).toString('base64').replace(/=+$/, '')
  const within = [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)])
    return bytes.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6))
  })
  return [alone, ...within.filter((part) => part.length >= shortestPart)]
}
