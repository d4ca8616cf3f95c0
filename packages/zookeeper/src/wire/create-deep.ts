import { hasCode } from './errors.js'
import { create, type Acl, type NodeKind } from './operations.js'
import type { Session } from './session.js'

const noData = Buffer.alloc(0)

export interface Creation {
  readonly path: string
  readonly data: Buffer
  readonly kind: NodeKind
  readonly acl: Acl
}

/** Creates a node, and what is missing above it: containers, which the server removes some time after their last child. */
export async function createDeep(session: Session, creation: Creation, signal: AbortSignal): Promise<void> {
  const { path, data, kind, acl } = creation
  const operation = create(path, data, kind, acl)
  try {
    return await session.run(operation, signal)
  } catch (error) {
    if (!hasCode(error, 'NO_NODE')) throw error
  }
  const parent = path.slice(0, path.lastIndexOf('/'))
  try {
    await createDeep(session, { path: parent, data: noData, kind: 'container', acl }, signal)
  } catch (error) {
    // Somebody else was quicker.
    if (!hasCode(error, 'NODE_EXISTS')) throw error
  }
  await session.run(operation, signal)
}
