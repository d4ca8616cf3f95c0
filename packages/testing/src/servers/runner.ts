import type { ServerAddress } from './recipe.js'

/** Where a server runs: a child process or a container. It knows nothing of what the server is for. */
export interface Runner {
  readonly how: 'process' | 'container'
  /** Fixed for the runner's whole life. */
  readonly address: ServerAddress
  /** Starts it, on the data that is there; resolves without waiting for readiness. */
  launch(): Promise<void>
  /** Ends it as SIGKILL does; resolves when it is gone. */
  kill(): Promise<void>
  /** Stops it from running, as SIGSTOP does; resolves when it no longer runs. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** Forgets the data of a killed server. */
  wipe(): Promise<void>
  /** How it ended, if it did so by itself. */
  ended(): Promise<string | undefined>
  /** The last lines that it wrote to standard output and standard error. */
  output(): Promise<string>
  /** Kills it and removes all that was made for it. */
  remove(): Promise<void>
}
