import { setTimeout as sleep } from 'node:timers/promises'
import type { Fleet } from './fleet.js'
import type { Manner } from './manner.js'

export type FaultName = 'kill' | 'freeze' | 'slow' | 'errors' | 'resets' | 'rolling'

export interface Fault {
  /** What happens, for people. */
  readonly about: string
  /** Does it, lasts about `ms`, and undoes it. */
  befall(fleet: Fleet, ms: number): Promise<void>
}

/** What happens to the instances while they are called. */
export const faults: Readonly<Record<FaultName, Fault>> = {
  kill: {
    about: 'one killed (SIGKILL), later started anew',
    async befall(fleet, ms) {
      const victim = fleet.nextVictim()
      await victim.kill()
      await sleep(ms)
      await fleet.restart(victim)
    },
  },
  freeze: {
    about: 'one frozen (SIGSTOP), later thawed',
    async befall(fleet, ms) {
      const victim = fleet.nextVictim()
      victim.freeze()
      await sleep(ms)
      victim.thaw()
    },
  },
  slow: { about: 'one slower by 500 ms', befall: misbehaving('slow') },
  errors: { about: 'one answers 503 to 20 %', befall: misbehaving('errors') },
  resets: { about: 'one resets every connection', befall: misbehaving('resets') },
  rolling: { about: 'all five leave and are replaced, one by one', befall: (fleet) => fleet.roll() },
}

export const faultNames = Object.keys(faults) as FaultName[]

function misbehaving(manner: Manner): Fault['befall'] {
  return async (fleet, ms) => {
    const victim = fleet.nextVictim()
    victim.behave(manner)
    await sleep(ms)
    victim.behave('well')
  }
}
