import { readFile } from 'node:fs/promises'
import type { TlsFiles } from './certificates.js'
import { ContainerRunner } from './container-runner.js'
import { ProcessRunner } from './process-runner.js'
import type { Place, Recipe } from './recipe.js'
import type { Runner } from './runner.js'
import type { Source } from './source.js'

/** What a server is told whichever way it runs. */
export interface RunnerInput {
  readonly recipe: Recipe
  readonly source: Source
  readonly publicPort: number
  readonly files: TlsFiles | undefined
}

/** Puts a recipe into the place where it runs; starts nothing yet. */
export function makeRunner(input: RunnerInput): Promise<Runner> {
  const { source } = input
  return source.how === 'process' ? inProcess(input, source) : inContainer(input, source)
}

function inProcess(input: RunnerInput, source: Source & { how: 'process' }): Promise<Runner> {
  const { recipe, publicPort, files } = input
  const tls = files && { ca: files.ca, ...files.server }
  return ProcessRunner.create(recipe.kind, recipe.ports.length, (found) =>
    recipe.inProcess({ ...found, publicPort, ...(tls && { tls }) }, source.program),
  )
}

async function inContainer(input: RunnerInput, source: Source & { how: 'container' }): Promise<Runner> {
  const { recipe, publicPort, files } = input
  const { paths, contents } = await copiesOf(files)
  const place: Place = {
    host: '0.0.0.0',
    ports: recipe.ports,
    publicPort,
    dataDir: '/data',
    configDir: '/rollcall',
    ...(paths && { tls: paths }),
  }
  const launch = recipe.inContainer(place)
  const port = recipe.ports[0]!
  return ContainerRunner.create({
    ...launch,
    image: source.image,
    port,
    files: { ...launch.files, ...contents },
  })
}

/** The server's certificate as it lies in a container. */
async function copiesOf(files: TlsFiles | undefined): Promise<{
  paths?: NonNullable<Place['tls']>
  contents: Record<string, string>
}> {
  if (!files) return { contents: {} }
  const paths = {
    ca: '/rollcall/ca.pem',
    cert: '/rollcall/server.pem',
    key: '/rollcall/server.key',
    both: '/rollcall/server-both.pem',
  }
  const originals = { ca: files.ca, ...files.server }
  const contents: Record<string, string> = {}
  for (const name of ['ca', 'cert', 'key', 'both'] as const) {
    contents[paths[name]] = await readFile(originals[name], 'utf8')
  }
  return { paths, contents }
}
