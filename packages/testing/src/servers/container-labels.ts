import { hostname } from 'node:os'
import type { ContainerRuntimeClient } from 'testcontainers'

export type Container = ReturnType<ContainerRuntimeClient['container']['getById']>

const idLabel = 'rollcall.test.id'
const ownerLabel = 'rollcall.test.owner'

/** Labels of one runner's containers: an id of its own, and the process that they belong to. */
export function ownerLabels(id: string): Record<string, string> {
  return { [idLabel]: id, [ownerLabel]: `${process.pid}@${hostname()}` }
}

/** What the `docker` command takes to list one runner's containers. */
export const labelFilter = (id: string): string => `${idLabel}=${id}`

/** One runner's container, if it has come to be. */
export async function findContainer(
  engine: ContainerRuntimeClient,
  id: string,
): Promise<Container | undefined> {
  const filters = { label: [labelFilter(id)] }
  const [found] = await engine.container.dockerode.listContainers({ all: true, filters })
  return found && engine.container.getById(found.Id)
}

/** Removes one runner's containers, also one that came to be while its start failed. */
export function removeContainers(engine: ContainerRuntimeClient, id: string): Promise<void> {
  return removeWhere(engine, (labels) => labels[idLabel] === id)
}

/** Removes the containers of processes of this machine that have ended without removing them. */
export function sweepContainers(engine: ContainerRuntimeClient): Promise<void> {
  return removeWhere(engine, (labels) => isOrphan(labels[ownerLabel] ?? ''))
}

async function removeWhere(
  engine: ContainerRuntimeClient,
  isMeant: (labels: Record<string, string>) => boolean,
): Promise<void> {
  const filters = { label: [ownerLabel] }
  const found = await engine.container.dockerode.listContainers({ all: true, filters })
  await Promise.all(
    found
      .filter(({ Labels }) => isMeant(Labels))
      .map(({ Id }) =>
        // Another process may be about to remove it too.
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
