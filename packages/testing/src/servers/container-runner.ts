import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import type { ContainerRuntimeClient } from 'testcontainers'
import { dockerEngine, hostOf } from './docker.js'
import { reservePorts } from './free-ports.js'
import type { ReservedPorts } from './free-ports.js'
import { Guard } from './guard.js'
import {
  findContainer,
  labelFilter,
  ownerLabels,
  removeContainers,
  sweepContainers,
} from './container-labels.js'
import type { Container } from './container-labels.js'
import type { ContainerLaunch, ServerAddress } from './recipe.js'
import type { Runner } from './runner.js'
import { ServerError } from './server-error.js'
import { until } from './until.js'

const killMs = 15_000

/** What a container is started from. */
export interface ContainerPlan extends ContainerLaunch {
  readonly image: string
  /** The port inside the container that clients use. */
  readonly port: number
}

/** A server as a Docker container. Its data is the container's own file system, so that a wipe is a new container. */
export class ContainerRunner implements Runner {
  readonly how = 'container'
  readonly address: ServerAddress
  readonly #engine: ContainerRuntimeClient
  readonly #reserved: ReservedPorts
  readonly #plan: ContainerPlan
  readonly #id = randomUUID()
  readonly #guard: Guard
  #container: Container | undefined

  static async create(plan: ContainerPlan): Promise<ContainerRunner> {
    const engine = await dockerEngine()
    await sweepContainers(engine)
    // A fixed port: Docker would give another one after each restart.
    return new ContainerRunner(engine, await reservePorts(1), plan)
  }

  private constructor(engine: ContainerRuntimeClient, reserved: ReservedPorts, plan: ContainerPlan) {
    this.#engine = engine
    this.#reserved = reserved
    this.#plan = plan
    this.address = { host: hostOf(engine), port: reserved.ports[0]! }
    this.#guard = new Guard('docker ps -aq --filter "label=$1" | xargs docker rm -f -v', [
      labelFilter(this.#id),
    ])
  }

  async launch(): Promise<void> {
    if (this.#container) await this.#container.start()
    else this.#container = await this.#create()
  }

  async kill(): Promise<void> {
    if (await this.#isRunning()) await this.#container?.kill()
    const isGone = async (): Promise<boolean> => !(await this.#isRunning()) && (await refuses(this.address))
    if (await until(isGone, killMs)) return
    throw new ServerError('SERVER_STATE', `the container still runs ${killMs} ms after docker kill`)
  }

  async freeze(): Promise<void> {
    await this.#container?.pause()
  }

  async thaw(): Promise<void> {
    await this.#container?.unpause()
  }

  async wipe(): Promise<void> {
    await removeContainers(this.#engine, this.#id)
    this.#container = undefined
  }

  async ended(): Promise<string | undefined> {
    const state = (await this.#container?.inspect())?.State
    return state && !state.Running ? `ended with ${state.ExitCode}` : undefined
  }

  async output(): Promise<string> {
    const log = await this.#container?.logs({ stdout: true, stderr: true, tail: 40, follow: false })
    return log ? withoutFrames(log) : ''
  }

  async remove(): Promise<void> {
    await this.wipe()
    this.#guard.dismiss()
    this.#reserved.release()
  }

  async #create(): Promise<Container> {
    const { GenericContainer } = await import('testcontainers')
    const { image, port, args, entrypoint, env = {}, files = {} } = this.#plan
    const container = new GenericContainer(image)
      .withExposedPorts({ container: port, host: this.address.port })
      .withCommand([...args])
      .withEnvironment(env)
      .withLabels(ownerLabels(this.#id))
      .withCopyContentToContainer(
        Object.entries(files).map(([target, content]) => ({ target, content, mode: 0o644 })),
      )
      // Ours is done otherwise, and needs no image of a reaper.
      .withAutoCleanup(false)
      .withWaitStrategy(await noWait())
    if (entrypoint) container.withEntrypoint([...entrypoint])
    try {
      const started = await container.start()
      return this.#engine.container.getById(started.getId())
    } catch (error) {
      // A server that ends at once is given up before its port is seen; what it said is still to be read.
      const left = await findContainer(this.#engine, this.#id)
      if (!left) throw error
      return left
    }
  }

  async #isRunning(): Promise<boolean> {
    return this.#container !== undefined && (await this.ended()) === undefined
  }
}

// The usual ways to wait want a shell in the image; readiness is asked for from outside.
async function noWait(): Promise<import('testcontainers').StartupCheckStrategy> {
  const { StartupCheckStrategy } = await import('testcontainers')
  return new (class extends StartupCheckStrategy {
    override checkStartupState(): Promise<'SUCCESS'> {
      return Promise.resolve('SUCCESS')
    }
  })()
}

function refuses(address: ServerAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address)
    socket.on('connect', () => socket.destroy())
    socket.on('error', () => undefined)
    socket.on('close', (failed) => resolve(failed))
  })
}

/** Docker sends both outputs in one stream, each piece behind eight bytes: which of the two, and how long. */
function withoutFrames(log: Buffer): string {
  const pieces: Buffer[] = []
  for (let at = 0; at + 8 <= log.length;) {
    const end = at + 8 + log.readUInt32BE(at + 4)
    pieces.push(log.subarray(at + 8, end))
    at = end
  }
  return Buffer.concat(pieces).toString()
}
