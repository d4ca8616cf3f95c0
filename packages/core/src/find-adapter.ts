import type { AdapterDefinition } from './contract.js'
import { RollcallError } from './errors.js'

/** The adapters found by themselves. Literal imports, so that bundlers see them; each handles its own absence. */
const adapters: Readonly<Record<string, () => Promise<AdapterDefinition>>> = {
  memory: () => import('./embedded/memory.js').then(({ memory }) => memory),
  local: () => import('./embedded/local.js').then(({ local }) => local),
  consul: () => import('@rollcall/consul').catch(missing('@rollcall/consul')).then(({ consul }) => consul),
  etcd: () => import('@rollcall/etcd').catch(missing('@rollcall/etcd')).then(({ etcd }) => etcd),
  zookeeper: () =>
    import('@rollcall/zookeeper').catch(missing('@rollcall/zookeeper')).then(({ zookeeper }) => zookeeper),
}

/** The definition that serves the scheme: one of those given, else one that is found by itself. */
export async function findAdapter(
  scheme: string,
  given: readonly AdapterDefinition[],
): Promise<AdapterDefinition> {
  const own = given.find(({ schemes }) => schemes.includes(scheme))
  if (own) return own
  const load = Object.hasOwn(adapters, scheme) ? adapters[scheme] : undefined
  if (load) return load()
  const known = [...new Set([...Object.keys(adapters), ...given.flatMap(({ schemes }) => schemes)])].join(
    ', ',
  )
  throw new RollcallError(
    'UNKNOWN_SCHEME',
    `No adapter serves ${scheme}: use one of ${known}, or pass your own in the option adapters.`,
  )
}

function missing(name: string): (error: unknown) => never {
  return (error) => {
    const { code, message } = error as NodeJS.ErrnoException
    // The adapter itself is missing, not something that it imports; a bundle of CommonJS says it by the second code.
    const absent = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
    if (!absent || !message.includes(`'${name}'`)) throw error
    throw new RollcallError('ADAPTER_MISSING', `This backend's adapter is not installed: npm install ${name}`)
  }
}
