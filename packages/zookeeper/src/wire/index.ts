/** A ZooKeeper session client: what this package needs of the protocol, and nothing about services. */
export { followChildren } from './children.js'
export { Client, type ClientSettings } from './client.js'
export { createDeep } from './create-deep.js'
export { hasCode, ZooKeeperError } from './errors.js'
export { isPath, nodeNameOf } from './node-name.js'
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
} from './operations.js'
export type { Session } from './session.js'
