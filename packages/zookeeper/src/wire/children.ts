import { hasCode, type ZooKeeperError } from './errors.js'
import { getChildren, sync, type Operation } from './operations.js'
import type { Session } from './session.js'

export interface Following<A, T> {
  readonly root: string
  /** How a child is looked at. */
  look(path: string): Operation<A>
  /** Makes something of what was seen, or of why it may not be seen; once for every change of the child. */
  read(name: string, seen: A | ZooKeeperError): T
}

/** All children of a node, by name. */
export interface Children<T> {
  readonly byName: ReadonlyMap<string, T>
  /** The last transaction seen, in hexadecimal. */
  readonly revision: string
}

/**
 * Reads every child of a node, then those that change; a missing node has none. Yields also when the server was
 * merely heard of. Throws when the connection ends.
 */
export async function* followChildren<A, T>(
  session: Session,
  { root, look, read }: Following<A, T>,
  signal: AbortSignal,
): AsyncGenerator<Children<T>> {
  const watch = await session.watch(root, signal)
  // The member that we came to may lag behind the one that we came from.
  await session.run(sync(root), signal)
  const byName = new Map<string, T>()
  let names = await session.run(getChildren(root), signal).catch(noneIfMissing)
  for (;;) {
    const answers = await session.runAll(
      names.map((name) => look(`${root}/${name}`)),
      signal,
    )
    for (const [i, name] of names.entries()) {
      const seen = answers[i]!
      if (hasCode(seen, 'NO_NODE')) byName.delete(name)
      else byName.set(name, read(name, seen))
    }
    yield { byName, revision: `0x${session.zxid.toString(16)}` }
    names = namesBelow(root, await watch.next(signal))
  }
}

function namesBelow(root: string, paths: Iterable<string>): string[] {
  const names = [...paths].map((path) => path.slice(root.length + 1).split('/')[0]!)
  return [...new Set(names)].filter((name) => name !== '')
}

function noneIfMissing(error: unknown): string[] {
  if (hasCode(error, 'NO_NODE')) return []
  throw error
}
