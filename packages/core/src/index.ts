export { RollcallError, isRollcallError, type ErrorCode } from './errors.js'
export type { Instance, InstanceStatus } from './instance.js'
