import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { reservePorts } from './free-ports.js'
import type { ReservedPorts } from './free-ports.js'
import type { Launch, Place, ServerAddress } from './recipe.js'
import type { Runner } from './runner.js'
import { ServerError } from './server-error.js'
import { makeTempFolder } from './temp-folder.js'
import type { TempFolder } from './temp-folder.js'
import { until } from './until.js'

const killMs = 10_000
const tailBytes = 4096

/** What a child process is started from; asked for anew at each start. */
export type ProcessLaunch = Launch & { readonly file: string }

/** A server as a child process with an own temporary folder. */
export class ProcessRunner implements Runner {
  readonly how = 'process'
  readonly address: ServerAddress
  readonly #folder: TempFolder
  readonly #reserved: ReservedPorts
  readonly #dataDir: string
  readonly #launch: ProcessLaunch
  #child: ChildProcess | undefined

  /** `launchIn` gets the ports and folders that were found for it. */
  static async create(
    name: string,
    portCount: number,
    launchIn: (found: Pick<Place, 'host' | 'ports' | 'dataDir' | 'configDir'>) => ProcessLaunch,
  ): Promise<ProcessRunner> {
    // Finds the child of the moment in a file, so that it need not be told of each restart.
    const folder = await makeTempFolder(name, 'read -r pid <pid && kill -9 "$pid"')
    return new ProcessRunner(folder, await reservePorts(portCount), launchIn)
  }

  private constructor(
    folder: TempFolder,
    reserved: ReservedPorts,
    launchIn: (found: Pick<Place, 'host' | 'ports' | 'dataDir' | 'configDir'>) => ProcessLaunch,
  ) {
    this.#folder = folder
    this.#reserved = reserved
    this.#dataDir = join(folder.path, 'data')
    this.address = { host: '127.0.0.1', port: reserved.ports[0]! }
    const { ports } = reserved
    this.#launch = launchIn({ host: '127.0.0.1', ports, dataDir: this.#dataDir, configDir: folder.path })
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  async launch(): Promise<void> {
    const { file, args, env, files = {} } = this.#launch
    await mkdir(this.#dataDir, { recursive: true, mode: 0o700 })
    for (const [path, text] of Object.entries(files)) await writeFile(path, text)
    // A file and not a pipe: a full pipe would stop a server whose output nobody reads.
    const log = await open(this.#logFile, 'w')
    const child = spawn(file, args, {
      cwd: this.#folder.path,
      env: { ...inherited(), ...env },
      stdio: ['ignore', log.fd, log.fd],
    })
    await once(child, 'spawn').finally(() => void log.close())
    this.#child = child
    await writeFile(this.#pidFile, `${child.pid}\n`)
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (!child) return
    if (!hasEnded(child)) {
      const exited = once(child, 'exit', { signal: AbortSignal.timeout(killMs) })
      child.kill('SIGKILL')
      await exited
    }
    await rm(this.#pidFile, { force: true })
    this.#child = undefined
  }

  async freeze(): Promise<void> {
    this.#child?.kill('SIGSTOP')
    const stopped = async (): Promise<boolean> => (await this.#state()) === 'T'
    // Elsewhere than on Linux nothing tells when the signal has arrived.
    if (process.platform !== 'linux') await sleep(50)
    else if (!(await until(stopped, 5_000, 1)))
      throw new ServerError('SERVER_STATE', 'SIGSTOP has not stopped it')
  }

  thaw(): Promise<void> {
    this.#child?.kill('SIGCONT')
    return Promise.resolve()
  }

  wipe(): Promise<void> {
    return rm(this.#dataDir, { recursive: true, force: true })
  }

  ended(): Promise<string | undefined> {
    const child = this.#child
    if (!child || !hasEnded(child)) return Promise.resolve(undefined)
    return Promise.resolve(child.signalCode ? `ended by ${child.signalCode}` : `ended with ${child.exitCode}`)
  }

  async output(): Promise<string> {
    const text = await readFile(this.#logFile, 'utf8').catch(() => '')
    return text.slice(-tailBytes)
  }

  async remove(): Promise<void> {
    await this.kill()
    this.#reserved.release()
    await this.#folder.remove()
  }

  get #pidFile(): string {
    return join(this.#folder.path, 'pid')
  }

  get #logFile(): string {
    return join(this.#folder.path, 'output.log')
  }

  // The state letter follows the command's name, which is in brackets and may hold anything.
  async #state(): Promise<string | undefined> {
    const stat = await readFile(`/proc/${this.pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2)[0]
  }
}

// Not all: variables such as ETCD_NAME or JAVA_TOOL_OPTIONS would configure the server.
function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LD_LIBRARY_PATH']
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
