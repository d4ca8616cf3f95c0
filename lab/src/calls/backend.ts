import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '@rollcall/testing'

export const backends = ['local', 'consul', 'etcd', 'zookeeper'] as const

export type BackendName = (typeof backends)[number]

/** Where everybody meets. */
export interface Backend {
  readonly url: string
  readonly description: string
  stop(): Promise<void>
}

export async function startBackend(name: BackendName): Promise<Backend> {
  if (name !== 'local') return startServer(name)
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-lab-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  return {
    url: `local:${folder}`,
    description: 'local:',
    stop: async () => remove(),
  }
}
