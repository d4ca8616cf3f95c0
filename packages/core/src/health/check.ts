import type { Instance } from '../instance.js'

/** Checks one instance, again and again, one time after the other; it may keep a connection in between. */
export interface Check {
  /** Resolves if the instance is well, rejects with the reason if not. An abort ends it and its socket at once. */
  run(instance: Instance, signal: AbortSignal): Promise<void>
  /** Ends the connection that was kept. */
  close?(): void
}

/** Makes the check of an instance. What is made for one is used as long as the instance keeps address and scheme. */
export type CheckMaker = (instance: Instance) => Check

const schemesWithTls: readonly string[] = ['https', 'grpcs', 'wss']

export function hasTls({ scheme }: Instance): boolean {
  return schemesWithTls.includes(scheme)
}
