import { createSocket } from 'node:dgram'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

// Below the range from which kernels take the source ports of outgoing connections: a killed server's port would
// else be given away before the server is back.
const lowest = 20_000
const highest = 32_000
const attempts = 500

/** Ports that no other server of ours takes until `release()`, not even while nobody listens on them. */
export interface ReservedPorts {
  readonly ports: readonly number[]
  readonly release: () => void
}

/** Finds `count` ports of 127.0.0.1 that are free for TCP and UDP, and reserves them across processes. */
export async function reservePorts(count: number): Promise<ReservedPorts> {
  const ports: number[] = []
  const release = (): void => ports.forEach((port) => rmSync(fileOf(port), { force: true }))
  mkdirSync(folder(), { recursive: true })
  for (let i = 0; i < attempts && ports.length < count; i++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest))
    if (!reserve(port)) continue
    if (await isFree(port)) ports.push(port)
    else rmSync(fileOf(port), { force: true })
  }
  if (ports.length === count) return { ports, release }
  release()
  throw new Error(`no ${count} free ports between ${lowest} and ${highest} on 127.0.0.1`)
}

const folder = (): string => join(tmpdir(), `rollcall-ports-${userInfo().username}`)
const fileOf = (port: number): string => join(folder(), String(port))

function reserve(port: number): boolean {
  const take = (): boolean => {
    try {
      writeFileSync(fileOf(port), String(process.pid), { flag: 'wx' })
      return true
    } catch {
      return false
    }
  }
  if (take()) return true
  // Left by a process that has ended: free for the next who comes by.
  if (!isHeld(port)) rmSync(fileOf(port), { force: true })
  return false
}

function isHeld(port: number): boolean {
  try {
    const owner = Number(readFileSync(fileOf(port), 'utf8'))
    // An empty file is one that its owner is just writing.
    if (owner > 0) process.kill(owner, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function isFree(port: number): Promise<boolean> {
  return (await takesTcp(port)) && (await takesUdp(port))
}

function takesTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)))
  })
}

function takesUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', () => {
      socket.close()
      resolve(false)
    })
    socket.bind(port, '0.0.0.0', () => socket.close(() => resolve(true)))
  })
}
