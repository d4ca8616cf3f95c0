import { hostname } from 'node:os'
import type { ContainerRuntimeClient } from 'testcontainers'

const idLabel = 'rollcall.test.id'
const ownerLabel = 'rollcall.test.owner'

/** Labels of one runner's containers: an id of its own first, then the process that they belong to. */
export function ownerLabels(id: string): Record<string, string> {
  return { [idLabel]: id, [ownerLabel]: `${process.pid}@${hostname()}` }
}

/** Removes the containers of processes of this machine that have ended without removing them. */
export async function sweepContainers(engine: ContainerRuntimeClient): Promise<void> {
  const filters = { label: [ownerLabel] }
  const found = await engine.container.dockerode.listContainers({ all: true, filters })
  const orphans = found.filter((container) => isOrphan(container.Labels[ownerLabel] ?? ''))
  await Promise.all(
    orphans.map(({ Id }) =>
      // Another process may be sweeping too.
      engine.container
        .getById(Id)
        .remove({ force: true, v: true })
        .catch(() => undefined),
    ),
  )
}

function isOrphan(owner: string): boolean {
  const [pid, host] = owner.split('@')
  if (host !== hostname()) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
