/** The front door for users. */
export type { AnnounceOptions, UpdateOptions } from './announce.js'
export type { Announcement, LeaveOptions, LeaveResult } from './announcement.js'
export type { Clock } from './clock.js'
export { connect, type ConnectOptions } from './connect.js'
export type { Adapter, AdapterDefinition, Capabilities } from './contract.js'
export type { Snapshot, SnapshotState } from './discovery/snapshot.js'
export { RollcallError, isRollcallError, type ErrorCode } from './errors.js'
export type { AnnouncementState, EventDetails, EventType, Events, RollcallEvent } from './events.js'
export { CallFailedError, type FailedAttempt } from './failover/call-failed.js'
export type { CallCounts } from './failover/call-events.js'
export type { CallContext, Callee, CallOptions } from './failover/call.js'
export type { CallDefaults, StrategyName } from './failover/call-options.js'
export type { RetryBudgetOptions } from './failover/retry-budget.js'
export type { HealthCheck, HealthOptions } from './announce-health.js'
export type { ProbeFunction } from './health/function-check.js'
export type { Probe, ProbeOptions } from './health/probe-options.js'
export type { Instance, InstanceStatus } from './instance.js'
export type { Random } from './random.js'
export type { Registry } from './registry.js'
export type { CanaryOptions } from './selection/tiers/canary.js'
export type { LocalityOptions } from './selection/tiers/locality-policy.js'
export type { Match } from './selection/tiers/match.js'
export type { SubsetOptions } from './selection/tiers/subset.js'
export type { ServiceOptions } from './service-options.js'
export type { PickOptions, ServiceExplanation, ServiceView } from './service-view.js'
export type { Balancer, BalancerName, BalancerPlan, PickRequest } from './selection/balancers/balancer.js'
export type { Endpoint } from './selection/endpoint.js'
export type {
  EndpointExplanation,
  ExclusionReason,
  GroupExplanation,
  PickExplanation,
  SelectionExplanation,
} from './selection/explanation.js'
export type { Key } from './selection/key.js'
export type { OutlierOptions } from './selection/outlier-policy.js'
export type { Outcome } from './selection/outcome.js'
export type { Pick } from './selection/pick.js'
