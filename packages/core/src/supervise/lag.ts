import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Measures how late the event loop runs. */
export interface LagMeter {
  /** The 99th percentile since the last reading, in milliseconds. */
  read(): number
  close(): void
}

const resolutionMs = 20

/** Measures from now on: the histogram costs a timer, so only whoever wants it pays. */
export function openLagMeter(): LagMeter {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  return {
    read() {
      // Nothing measured is NaN for some of its figures. What is measured is the time between two ticks of its timer.
      const ms = histogram.max === 0 ? 0 : histogram.percentile(99) / 1e6 - resolutionMs
      histogram.reset()
      return Math.max(0, ms)
    },
    close: () => void histogram.disable(),
  }
}
