/** The front door for authors of adapters: the contract, and what every codec and factory needs. */
export type {
  Adapter,
  AdapterContext,
  AdapterDefinition,
  Capabilities,
  Lease,
  Listing,
  SkippedRecord,
} from './contract.js'
export { defineAdapter } from './contract.js'
export { bracket, checkUrl, parseUrl, type Accepts, type BackendUrl, type HostPort } from './backend-url.js'
export { sleep, systemClock, type Clock } from './clock.js'
export { RollcallError, isRollcallError, messageOf, type ErrorCode } from './errors.js'
export { Gate } from './gate.js'
export { rejectBesideClient } from './handed-in.js'
export { isNewer } from './incarnation.js'
export {
  readInstance,
  withFields,
  type Instance,
  type InstanceRecord,
  type InstanceStatus,
} from './instance.js'
export { loginOf, loginOptions, type Login } from './login.js'
export {
  badOption,
  parseOptions,
  show,
  type OptionSpec,
  type OptionSpecs,
  type OptionsOf,
} from './options.js'
export { fraction, systemRandom, xorshift32, type Random } from './random.js'
export { loadTls, tlsOptions, type TlsFiles } from './tls.js'
