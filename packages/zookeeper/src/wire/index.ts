/** A ZooKeeper session client: what this package needs of the protocol, and nothing about services. */
export { Client, type ClientSettings } from './client.js'
export { hasCode, ZooKeeperError } from './errors.js'
export {
  anyVersion,
  create,
  getChildren,
  getData,
  multi,
  remove,
  setData,
  stat,
  sync,
  type Acl,
  type NodeData,
  type NodeKind,
  type Operation,
  type Stat,
} from './operations.js'
export type { Session } from './session.js'
export type { Watch } from './watch.js'
