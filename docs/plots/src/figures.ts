import { slowStart, zones } from './change.js'
import { errors, failsFast, slowServer } from './fault.js'
import type { Figure } from './figure.js'
import { hotKey, leavingNode } from './keys.js'
import { evenLoad, hedging, unequalServers } from './load.js'

/** The plots of the guide to choosing, in its order. */
export const figures: readonly Figure[] = [
  evenLoad,
  unequalServers,
  slowServer,
  errors,
  failsFast,
  leavingNode,
  hotKey,
  slowStart,
  zones,
  hedging,
]

export { svgOf } from './chart.js'
export { fill, placesIn } from './guide.js'
