import type { Endpoint } from '../endpoint.js'

/**
 * A balancer that gives the place of its choice, so that a pick need not touch the endpoint: among thousands, drawn at
 * random, it is in no cache, and fetching it would cost more than all the rest.
 */
export type Chooser = (candidates: readonly Endpoint[]) => number
