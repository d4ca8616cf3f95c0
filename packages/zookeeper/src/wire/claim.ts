import { createDeep, type Creation } from './create-deep.js'
import { hasCode } from './errors.js'
import { create, getData, multi, remove, setData } from './operations.js'
import type { Session } from './session.js'

/** Creates a node, or takes over the one there is once `check` has seen its data: what that throws ends it. */
export async function claim(
  session: Session,
  creation: Creation,
  check: (data: Buffer) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let isAgain = false; ; isAgain = true) {
    try {
      return await createDeep(session, creation, signal)
    } catch (error) {
      if (!hasCode(error, 'NODE_EXISTS')) throw error
    }
    try {
      return await takeOver(session, creation, check, signal)
    } catch (error) {
      // It went in between, with the older session whose ghost it was: the name is free now.
      if (isAgain || !hasCode(error, 'NO_NODE')) throw error
    }
  }
}

async function takeOver(
  session: Session,
  { path, data, kind, acl }: Creation,
  check: (data: Buffer) => void,
  signal: AbortSignal,
): Promise<void> {
  const { data: theirs, stat } = await session.run(getData(path), signal)
  check(theirs)
  if (stat.ephemeralOwner === session.id) await session.run(setData(path, data, stat.version), signal)
  // An older session's, which would take the node with it when it ends.
  else await session.run(multi([remove(path, stat.version), create(path, data, kind, acl)]), signal)
}
