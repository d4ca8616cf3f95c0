import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ContainerRuntimeClient } from 'testcontainers'
import { ServerError } from './server-error.js'

/** Whether it is worth asking for a Docker engine; cheap, since loading the client takes most of a second. */
export function mayHaveDocker(): boolean {
  const sockets = ['/var/run/docker.sock', join(homedir(), '.docker', 'run', 'docker.sock')]
  return Boolean(process.env['DOCKER_HOST']) || sockets.some((path) => existsSync(path))
}

/** The Docker engine. Throws `SERVER_UNAVAILABLE` when none answers. */
export async function dockerEngine(): Promise<ContainerRuntimeClient> {
  const { getContainerRuntimeClient } = await import('testcontainers')
  try {
    return await getContainerRuntimeClient()
  } catch (error) {
    throw new ServerError(
      'SERVER_UNAVAILABLE',
      'no Docker engine answers: start one (on Debian by scripts/servers/ensure-docker.sh), or set DOCKER_HOST',
      { cause: error },
    )
  }
}

/**
 * Where the engine publishes ports: 127.0.0.1 if it runs beside us; its gateway or another machine if we are in a
 * container ourselves, or `DOCKER_HOST` points away.
 */
export function hostOf(engine: ContainerRuntimeClient): string {
  const { host } = engine.info.containerRuntime
  return host === 'localhost' ? '127.0.0.1' : host
}

/** Whether the engine has the image, so that nothing need be pulled. */
export async function hasImage(engine: ContainerRuntimeClient, image: string): Promise<boolean> {
  const { ImageName } = await import('testcontainers')
  return engine.image.exists(ImageName.fromString(image))
}

/** Makes sure that the engine has the image. Throws `SERVER_UNAVAILABLE` when it cannot be pulled. */
export async function pullImage(
  engine: ContainerRuntimeClient,
  image: string,
  variable: string,
): Promise<void> {
  const { ImageName } = await import('testcontainers')
  try {
    await engine.image.pull(ImageName.fromString(image))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new ServerError(
      'SERVER_UNAVAILABLE',
      `image ${image} cannot be pulled (${why}): name another in ${variable}, or run scripts/servers/build-images.sh`,
      { cause: error },
    )
  }
}
