import { findExecutable } from './installed.js'
import type { Installed } from './binaries.js'
import { dockerEngine, hasImage, mayHaveDocker, pullImage } from './docker.js'
import { imageFor, imageVariable } from './images.js'
import type { ServerImage } from './images.js'
import { wantedVersion } from './options.js'
import type { ServerOptions } from './options.js'
import type { ServerKind } from './recipe.js'
import { ServerError } from './server-error.js'
import { findZookeeper } from './zookeeper-home.js'

/** What a server is run from: a program of this machine, or an image that its Docker engine has. */
export type Source =
  | { readonly how: 'process'; readonly version: string; readonly program: Installed }
  | { readonly how: 'container'; readonly version: string; readonly image: string }

/** Decides how to run a server. Throws `SERVER_UNAVAILABLE` when it cannot be run as asked. */
export async function chooseSource(kind: ServerKind, options: ServerOptions): Promise<Source> {
  const wanted = wantedVersion(kind, options)
  const how = options.how === undefined || options.how === 'auto' ? fromEnvironment() : options.how
  if (how === 'process') return processSource(kind, wanted)
  if (how === 'container') return containerSource(kind, wanted)
  return automatically(kind, wanted)
}

function fromEnvironment(): 'process' | 'container' | 'auto' {
  const given = process.env['ROLLCALL_SERVERS'] || 'auto'
  if (given === 'auto') return 'auto'
  if (given === 'processes') return 'process'
  if (given === 'containers') return 'container'
  throw new ServerError(
    'SERVER_UNAVAILABLE',
    `ROLLCALL_SERVERS is ${given}: use processes, containers or auto`,
  )
}

async function automatically(kind: ServerKind, wanted: string | undefined): Promise<Source> {
  const ready = mayHaveDocker() ? await readyImage(kind, wanted).catch(nothing) : undefined
  if (ready) return { how: 'container', ...ready }
  try {
    return processSource(kind, wanted)
  } catch (noProcess) {
    return containerSource(kind, wanted).catch((noContainer: unknown) => {
      const why = [noProcess, noContainer].map((error) => (error as Error).message).join('; or else ')
      throw new ServerError('SERVER_UNAVAILABLE', why, { cause: noContainer })
    })
  }
}

function processSource(kind: ServerKind, wanted: string | undefined): Source {
  const program = kind === 'zookeeper' ? findZookeeper(wanted) : findExecutable(kind, wanted)
  return { how: 'process', version: program.version, program }
}

async function containerSource(kind: ServerKind, wanted: string | undefined): Promise<Source> {
  const engine = await dockerEngine()
  const found = await imageFor(engine, kind, wanted)
  if (!(await hasImage(engine, found.image))) await pullImage(engine, found.image, imageVariable(kind))
  return { how: 'container', ...found }
}

/** The image that would be used, if the engine has it. */
async function readyImage(kind: ServerKind, wanted: string | undefined): Promise<ServerImage | undefined> {
  const engine = await dockerEngine()
  const found = await imageFor(engine, kind, wanted)
  return (await hasImage(engine, found.image)) ? found : undefined
}

function nothing(error: unknown): undefined {
  if (!(error instanceof ServerError)) throw error
}
