import { serverError } from './errors.js'
import type { JuteReader, JuteWriter } from './jute.js'

/** One request as a plain value: how it is written and how its answer is read. */
export interface Operation<T> {
  readonly type: number
  /** For errors: what was asked, of which node. */
  readonly about: string
  write(out: JuteWriter): void
  read(input: JuteReader): T
}

/** What ZooKeeper knows about a node beside its data. */
export interface Stat {
  /** Of the data; grows with every write. */
  readonly version: number
  /** The id of the session that an ephemeral node belongs to, else 0. */
  readonly ephemeralOwner: bigint
  readonly childCount: number
}

export interface NodeData {
  readonly data: Buffer
  readonly stat: Stat
}

/** `container`: removed by the server some time after its last child. */
export type NodeKind = 'persistent' | 'ephemeral' | 'container'

/** `open`: anybody may do anything. `creator`: only who authenticated as the creator did. */
export type Acl = 'open' | 'creator'

/** The version that fits every version. */
export const anyVersion = -1

const createFlags: Readonly<Record<NodeKind, number>> = { persistent: 0, ephemeral: 1, container: 4 }
const allPermissions = 31
const persistentRecursive = 1
const anyWatch = 3
const failedResult = -1

export function create(path: string, data: Buffer, kind: NodeKind, acl: Acl = 'open'): Operation<void> {
  return {
    // Containers have a request of their own, as servers before 3.5 would take flag 4 for something else.
    type: kind === 'container' ? 19 : 1,
    about: `create ${path}`,
    write(out) {
      out.text(path).buffer(data)
      out.int(1).int(allPermissions)
      if (acl === 'creator') out.text('auth').text('')
      else out.text('world').text('anyone')
      out.int(createFlags[kind])
    },
    read(input) {
      input.text()
    },
  }
}

export function remove(path: string, version: number): Operation<void> {
  return {
    type: 2,
    about: `delete ${path}`,
    write: (out) => void out.text(path).int(version),
    read: nothing,
  }
}

export function stat(path: string): Operation<Stat> {
  return { type: 3, about: `exists ${path}`, write: (out) => void out.text(path).bool(false), read: readStat }
}

export function getData(path: string): Operation<NodeData> {
  return {
    type: 4,
    about: `getData ${path}`,
    write: (out) => void out.text(path).bool(false),
    read: (input) => ({ data: input.buffer(), stat: readStat(input) }),
  }
}

export function setData(path: string, data: Buffer, version: number): Operation<Stat> {
  return {
    type: 5,
    about: `setData ${path}`,
    write: (out) => void out.text(path).buffer(data).int(version),
    read: readStat,
  }
}

export function getChildren(path: string): Operation<string[]> {
  return {
    type: 8,
    about: `getChildren ${path}`,
    write: (out) => void out.text(path).bool(false),
    read: (input) => input.list(() => input.text()),
  }
}

/** Answered once the member that we speak to has caught up with the leader. */
export function sync(path: string): Operation<void> {
  return { type: 9, about: `sync ${path}`, write: (out) => void out.text(path), read: nothing }
}

/** Tells of every change of the node and of all below it, until removed. Needs ZooKeeper 3.6. */
export function addWatch(path: string): Operation<void> {
  return {
    type: 106,
    about: `addWatch ${path}`,
    write: (out) => void out.text(path).int(persistentRecursive),
    read: nothing,
  }
}

export function removeWatches(path: string): Operation<void> {
  return {
    type: 18,
    about: `removeWatches ${path}`,
    write: (out) => void out.text(path).int(anyWatch),
    read: nothing,
  }
}

export const closeSession: Operation<void> = {
  type: -11,
  about: 'closeSession',
  write: nothing,
  read: nothing,
}

/** All of them or none. Its error is that of the first operation refused. */
export function multi(operations: readonly Operation<void>[]): Operation<void> {
  return {
    type: 14,
    about: operations.map(({ about }) => about).join(' + '),
    write(out) {
      for (const operation of operations) operation.write(out.int(operation.type).bool(false).int(-1))
      out.int(-1).bool(true).int(-1)
    },
    read(input) {
      for (const operation of operations) readResult(operation, input)
    },
  }
}

function readResult(operation: Operation<void>, input: JuteReader): void {
  const type = input.int()
  input.bool()
  const error = input.int()
  if (type !== failedResult) return operation.read(input)
  // Operations before the refused one carry 0.
  if (input.int() !== 0) throw serverError(error, operation.about)
}

function readStat(input: JuteReader): Stat {
  input.long() // czxid
  input.long() // mzxid
  input.long() // ctime
  input.long() // mtime
  const version = input.int()
  input.int() // cversion
  input.int() // aversion
  const ephemeralOwner = input.long()
  input.int() // dataLength
  const childCount = input.int()
  input.long() // pzxid
  return { version, ephemeralOwner, childCount }
}

function nothing(): void {}
