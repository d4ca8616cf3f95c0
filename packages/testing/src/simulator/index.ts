export type { Fault, FaultKind } from './fault.js'
export type { Keys } from './keys.js'
export type { Latency } from './latency.js'
export { simulate } from './simulate.js'
export type {
  Answer,
  Bucket,
  Caller,
  CallerSpec,
  KeysResult,
  Latencies,
  SelectionChange,
  ServerResult,
  ServerSpec,
  Simulation,
  SimulationResult,
} from './simulation.js'
