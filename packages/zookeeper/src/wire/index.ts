/** A ZooKeeper session client: what this package needs of the protocol, and nothing about services. */
export { followChildren, type Children, type Following } from './children.js'
export { claim } from './claim.js'
export { Client, type ClientSettings } from './client.js'
export { hasCode, ZooKeeperError } from './errors.js'
export { failureOf } from './failure.js'
export { nodeNameOf } from './node-name.js'
export { clientOptions, openClient, type ClientOptions, type OpenedClient } from './open-client.js'
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
  type NodeData,
} from './operations.js'
export type { Session } from './session.js'
