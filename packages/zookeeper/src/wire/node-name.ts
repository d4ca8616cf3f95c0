// Control characters, surrogates (and so all of the upper planes), private use, and the end of the first plane.
const refused = '\\p{Cc}\\p{Cs}\\p{Co}\\u{fff0}-\\u{ffff}\\u{10000}-\\u{10ffff}'
const toEncode = new RegExp(`[%/${refused}]`, 'gu')
const noName = new RegExp(`^\\.{0,2}$|[${refused}]`, 'u')

/**
 * A text as the name of a node: percent-encoded where ZooKeeper allows no such character, no `.` and no `..`. A
 * percent sign is encoded too, so that no two texts share a name.
 */
export function nodeNameOf(text: string): string {
  const encoded = text.replace(toEncode, percentEncode)
  return encoded === '.' || encoded === '..' ? encoded.replaceAll('.', '%2E') : encoded
}

/** Whether it is an absolute path that an application may have nodes at. */
export function isPath(path: string): boolean {
  const [before, ...names] = path.split('/')
  // ZooKeeper's own nodes stand below /zookeeper.
  return before === '' && names[0] !== 'zookeeper' && !names.some((name) => noName.test(name))
}

function percentEncode(character: string): string {
  return [...Buffer.from(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
}
