import { planSimulation } from './plan.js'
import { Run } from './run.js'
import type { Simulation, SimulationResult } from './simulation.js'

/**
 * Runs Rollcall's own selection and failover against servers that only exist on paper, in a time of their own: an hour
 * passes in seconds, and the same seed gives the same result, byte for byte.
 *
 * ```ts
 * const { latency, servers } = await simulate({
 *   servers: [{ count: 4, latency: { kind: 'lognormal', medianMs: 20, p99Ms: 80 } }],
 *   rate: 200, // calls per second
 *   durationMs: 30_000,
 *   service: { balancer: 'random' },
 *   call: { idempotent: true },
 *   faults: [{ atMs: 10_000, forMs: 10_000, server: 's1', kind: 'slow', ms: 500 }],
 * })
 * ```
 *
 * Callers see a change of the set 100 ms later at most, as real ones do. Nothing leaves the process; a health check of
 * yours that opens sockets would, and end the repeatability.
 *
 * Rejects with BAD_OPTION and UNKNOWN_OPTION, those of `service` and `call` included, and with BAD_BALANCER.
 */
export async function simulate(simulation: Simulation): Promise<SimulationResult> {
  const run = new Run(planSimulation(simulation))
  try {
    return await run.result()
  } finally {
    await run.close()
  }
}
