import type { ContainerRuntimeClient } from 'testcontainers'
import type { ServerKind } from './recipe.js'
import { ServerError } from './server-error.js'
import { compareVersions } from './version.js'

/** An image and the version of the server in it, or the tag itself where that names none. */
export interface ServerImage {
  readonly image: string
  readonly version: string
}

const upstream: { readonly [K in ServerKind]: (version?: string) => string } = {
  consul: (version = '1.20') => `hashicorp/consul:${version}`,
  etcd: (version = '3.5.21') => `quay.io/coreos/etcd:v${version}`,
  zookeeper: (version = '3.9.3') => `zookeeper:${version}`,
}

/** The variable that names the image of a kind, such as `ROLLCALL_ETCD_IMAGE`. */
export const imageVariable = (kind: ServerKind): string => `ROLLCALL_${kind.toUpperCase()}_IMAGE`

/**
 * The image to use: that of the environment, else one built by `scripts/servers/build-images.sh` (the wanted version or
 * the newest), else the official one.
 */
export async function imageFor(
  engine: ContainerRuntimeClient,
  kind: ServerKind,
  wanted: string | undefined,
): Promise<ServerImage> {
  const given = process.env[imageVariable(kind)]
  if (given) return fromEnvironment(kind, given, wanted)
  const [built] = await builtImages(engine, kind, wanted)
  return built ?? named(upstream[kind](wanted))
}

function fromEnvironment(kind: ServerKind, given: string, wanted: string | undefined): ServerImage {
  const image = named(given)
  if (wanted === undefined) return image
  if (image.version === '') return named(`${given}:${wanted}`)
  if (image.version === wanted) return image
  throw new ServerError(
    'SERVER_UNAVAILABLE',
    `${kind} ${wanted} is wanted, but ${imageVariable(kind)} is ${given}: leave the tag out, or unset it`,
  )
}

async function builtImages(
  engine: ContainerRuntimeClient,
  kind: ServerKind,
  wanted: string | undefined,
): Promise<ServerImage[]> {
  const filters = { reference: [`rollcall-test/${kind}`] }
  const images = await engine.container.dockerode.listImages({ filters })
  return images
    .flatMap((image) => image.RepoTags ?? [])
    .map(named)
    .filter((image) => wanted === undefined || image.version === wanted)
    .sort((a, b) => compareVersions(b.version, a.version))
}

// A colon before the last slash belongs to a registry's port.
function named(image: string): ServerImage {
  const tag = /:([^:/]+)$/.exec(image)?.[1] ?? ''
  return { image, version: tag.replace(/^v(?=\d)/, '') }
}
