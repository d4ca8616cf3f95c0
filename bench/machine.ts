import { cpus, totalmem } from 'node:os'

/** Where and when: a figure without them says nothing. */
export function machine(): string {
  const [cpu] = cpus()
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GB`
  const date = new Date().toISOString().slice(0, 10)
  return `${date}, Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} x ${cpu?.model.trim() ?? 'unknown CPU'}, ${memory}`
}
