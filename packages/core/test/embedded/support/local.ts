import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import {
  parseUrl,
  readInstance,
  xorshift32,
  type Adapter,
  type Clock,
  type Instance,
  type Listing,
} from '@rollcall/core/adapter'
import { local } from '../../../src/embedded/local.js'

export const never: AbortSignal = new AbortController().signal

/** A folder of the test's own, gone after it. */
export function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

let opened = 0

export function openLocal(clock: Clock, dir: string): Adapter {
  const context = { clock, random: xorshift32(++opened), ttlMs: 15_000, warn() {} }
  return local.open(parseUrl('local:'), { dir }, context)
}

export function instanceOf(fields: Partial<Instance> = {}): Instance {
  return readInstance({
    service: 'orders',
    id: 'a',
    host: '127.0.0.1',
    port: 80,
    incarnation: '1',
    ...fields,
  })
}

/** One look at the service. */
export async function look(adapter: Adapter, service = 'orders'): Promise<Listing> {
  const result = await adapter.watch(service, never)[Symbol.asyncIterator]().next()
  return result.value as Listing
}

export async function idsOf(adapter: Adapter, service = 'orders'): Promise<string[]> {
  return (await look(adapter, service)).instances.map(({ id }) => id)
}
