import { makeCertificates, materialOf } from './certificates.js'
import { Cleanup } from './cleanup.js'
import { ConsulRecipe } from './consul.js'
import { dockerEngine, hostOf } from './docker.js'
import { EtcdRecipe } from './etcd.js'
import { FaultProxy } from './fault-proxy.js'
import { reservePorts } from './free-ports.js'
import { makeRunner } from './make-runner.js'
import type { OptionsByKind } from './options.js'
import type { Recipe, RecipeInput, ServerKind } from './recipe.js'
import { TestServer } from './server.js'
import { chooseSource } from './source.js'
import type { Source } from './source.js'
import { makeTempFolder } from './temp-folder.js'
import { ZookeeperRecipe } from './zookeeper.js'

const recipes: { readonly [K in ServerKind]: (input: RecipeInput<OptionsByKind[K]>) => Recipe } = {
  consul: (input) => new ConsulRecipe(input),
  etcd: (input) => new EtcdRecipe(input),
  zookeeper: (input) => new ZookeeperRecipe(input),
}

/**
 * Starts a real server behind a proxy of ours, on ports that are free, with empty data. Resolves when it is ready.
 *
 * Rejects with a `ServerError`: `SERVER_UNAVAILABLE` when there is nothing to run it with, `SERVER_FAILED` when it does
 * not come up. Nothing is left behind then, nor when this process ends without `stop()`.
 */
export async function startServer<K extends ServerKind>(
  kind: K,
  options: OptionsByKind[K] = {},
): Promise<TestServer> {
  const source = await chooseSource(kind, options)
  const cleanup = new Cleanup()
  try {
    const server = await assemble(kind, options, source, cleanup)
    await server.restart({ data: 'wipe' })
    return server
  } catch (error) {
    await cleanup.run()
    throw error
  }
}

async function assemble<K extends ServerKind>(
  kind: K,
  options: OptionsByKind[K],
  source: Source,
  cleanup: Cleanup,
): Promise<TestServer> {
  const files = options.tls
    ? await makeCertificates(await ownFolder(cleanup), await hostFor(source))
    : undefined
  const input = { version: source.version, options, ...(files && { tls: await materialOf(files) }) }
  const recipe = recipes[kind](input)
  const reserved = await reservePorts(1)
  cleanup.add(reserved.release)
  const publicPort = reserved.ports[0]!
  const runner = await makeRunner({ recipe, source, publicPort, files })
  cleanup.add(() => runner.remove())
  const proxy = new FaultProxy(publicPort, runner.address)
  cleanup.add(() => proxy.close())
  return new TestServer({
    recipe,
    source,
    runner,
    proxy,
    files,
    cleanup,
    startupMs: options.startupMs ?? 30_000,
  })
}

async function hostFor({ how }: Source): Promise<string> {
  return how === 'container' ? hostOf(await dockerEngine()) : '127.0.0.1'
}

async function ownFolder(cleanup: Cleanup): Promise<string> {
  const folder = await makeTempFolder('tls')
  cleanup.add(() => folder.remove())
  return folder.path
}
