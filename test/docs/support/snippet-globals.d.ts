// What snippets in documents take from the text around them. One that declares a name itself uses its own.
import type * as core from '@rollcall/core'
import type * as contract from '@rollcall/core/adapter'
import type * as testing from '@rollcall/testing'

declare global {
  const connect: typeof core.connect
  const registry: core.Registry
  const orders: core.ServiceView
  const announcement: core.Announcement
  const instance: core.Instance
  const url: string
  const error: Error
  /** A call of the reader's own. */
  const fetchOrder: (instance: core.Instance, context: core.CallContext) => Promise<Response>
  /** How the reader's own server is closed. */
  const closeServer: () => Promise<void>

  const parseUrl: typeof contract.parseUrl
  const clock: core.Clock
  const random: core.Random
  /** An adapter of the reader's own, and a way around it into its store. */
  const mystore: core.AdapterDefinition
  const putRaw: (key: string, value: string) => Promise<void>

  const server: testing.TestServer
  const startServer: typeof testing.startServer
  const ManualClock: typeof testing.ManualClock
  const ScriptedAdapter: typeof testing.ScriptedAdapter
  const throws: typeof testing.throws
  const hangs: typeof testing.hangs
  const ignoresAbort: typeof testing.ignoresAbort
}
