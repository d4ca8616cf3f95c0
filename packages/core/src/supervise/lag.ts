/** Measures how late the event loop runs. */
export interface LagMeter {
  /** The longest delay since the last reading, in milliseconds. No percentile: of its ticks a freeze of 3 s is one. */
  read(): number
  close(): void
}

const resolutionMs = 20

/** Measures from now on: the histogram costs a timer, so only whoever wants it pays. */
export function openLagMeter(): LagMeter {
  const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks')
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  return {
    read() {
      // In nanoseconds, from one tick of its timer to the next.
      const ms = histogram.max / 1e6 - resolutionMs
      histogram.reset()
      return Math.max(0, ms)
    },
    close: () => void histogram.disable(),
  }
}
