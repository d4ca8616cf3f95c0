import type { HealthCheck, HealthOptions } from './announce-health.js'
import { badOption, show, unknownOption } from './options.js'
import {
  isPort,
  isStatus,
  isWeight,
  maxWeight,
  readInstance,
  type Instance,
  type InstanceStatus,
} from './instance.js'

/** What `announce` takes. Rules are the same for every backend, so that a service can change it by one line. */
export interface AnnounceOptions {
  /** 1 to 63 letters, digits, dots, dashes and underscores; a letter or digit first. */
  service: string
  /** One port; another port is another service. */
  port: number
  /** Default: the registry's `host`, else ROLLCALL_HOST, else the machine's only IPv4 address. */
  host?: string
  /** Default `service-host-port`: a process that restarts replaces its own ghost at once. */
  id?: string
  /** Default `http`. */
  scheme?: string
  /** 0 to 65535, default 1; 0 takes calls only when nobody else can. */
  weight?: number
  /** Default `up`. */
  status?: InstanceStatus
  zone?: string
  version?: string
  tags?: readonly string[]
  /** At most 48 pairs; keys of letters, digits, `_` and `-`, values to 512 characters. */
  metadata?: Readonly<Record<string, string>>
  /** The service's own check of itself: while it fails the instance is announced `down`. None by default. */
  health?: HealthCheck | HealthOptions
}

/** What `update` takes: what may change while the instance stays the same. */
export type UpdateOptions = Pick<
  AnnounceOptions,
  'weight' | 'status' | 'zone' | 'version' | 'tags' | 'metadata'
>

const serviceName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/
const idShape = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,199}$/
const hostName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,252}$/
const schemeShape = /^[a-z][a-z0-9+.-]{0,31}$/
const metadataKey = /^[A-Za-z0-9_-]{1,128}$/
const longestText = 512
const mostPairs = 48

type Check = readonly [fits: (value: unknown) => boolean, fix: string]

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= longestText && !hasControl(value)

// Consul, DNS and people all choke on them.
// oxlint-disable-next-line no-control-regex
const hasControl = (text: string): boolean => /[\u0000-\u001f\u007f]/.test(text)

const matches = (shape: RegExp) => (value: unknown) => typeof value === 'string' && shape.test(value)

/** `health` describes no instance: `planHealth` checks it. */
const checks: Readonly<Record<Exclude<keyof AnnounceOptions, 'health'>, Check>> = {
  service: [
    matches(serviceName),
    'use 1 to 63 letters, digits, dots, dashes or underscores, a letter or digit first',
  ],
  port: [isPort, 'give a whole number from 1 to 65535'],
  host: [isHost, 'give a host name or an IP address, without port and brackets'],
  id: [matches(idShape), 'use 1 to 200 letters, digits and . _ : @ -, a letter or digit first'],
  scheme: [matches(schemeShape), 'give a URL scheme such as http, https or grpc'],
  weight: [isWeight, `give a whole number from 0 to ${maxWeight}`],
  status: [isStatus, "give 'up', 'draining' or 'down'"],
  zone: [isText, `give 1 to ${longestText} printable characters`],
  version: [isText, `give 1 to ${longestText} printable characters`],
  tags: [
    (value) => Array.isArray(value) && value.every(isText),
    `give a list of texts of 1 to ${longestText} printable characters`,
  ],
  metadata: [
    isMetadata,
    `give at most ${mostPairs} pairs, keys of A-Z a-z 0-9 _ -, values of at most ${longestText} characters`,
  ],
}

const updatable: readonly string[] = ['weight', 'status', 'zone', 'version', 'tags', 'metadata']

/** Throws BAD_OPTION when the name can't be a service's. */
export function checkServiceName(service: unknown): asserts service is string {
  check('service', service)
}

/** The instance that the options describe. Throws BAD_OPTION and UNKNOWN_OPTION before anything is written. */
export function instanceToAnnounce(
  options: AnnounceOptions,
  given: { host: () => string; incarnation: string; registeredAt: number },
): Instance {
  checkAll(options, [...Object.keys(checks), 'health'])
  check('service', options.service)
  check('port', options.port)
  const host = given.host()
  check('host', host)
  const id = options.id ?? `${options.service}-${host}-${options.port}`
  return readInstance({ ...options, ...given, host, id })
}

/** The instance after an update. Throws like `instanceToAnnounce`. */
export function updatedInstance(instance: Instance, changes: UpdateOptions): Instance {
  checkAll(changes, updatable)
  const given = Object.entries(changes).filter(([, value]) => value !== undefined)
  return readInstance({ ...instance, ...Object.fromEntries(given) })
}

function checkAll(options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw badOption(
      'announce',
      `got ${show(options)}`,
      "give an object such as { service: 'orders', port: 3000 }",
    )
  }
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name)) throw unknownOption(name, known)
    if (value !== undefined && name !== 'health') check(name as keyof typeof checks, value)
  }
}

function check(name: keyof typeof checks, value: unknown): void {
  const [fits, fix] = checks[name]
  if (!fits(value)) throw badOption(name, `is ${show(value)}`, fix)
}

function isHost(value: unknown): boolean {
  const { isIPv6 } = process.getBuiltinModule('node:net')
  return typeof value === 'string' && (hostName.test(value) || (isIPv6(value) && !value.includes('%')))
}

function isMetadata(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const pairs = Object.entries(value)
  return (
    pairs.length <= mostPairs && pairs.every(([key, text]) => metadataKey.test(key) && isMetadataValue(text))
  )
}

function isMetadataValue(value: unknown): boolean {
  return typeof value === 'string' && value.length <= longestText && !hasControl(value)
}
