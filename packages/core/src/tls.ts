import { readFileSync } from 'node:fs'
import { badOption } from './options.js'

/** The options that every adapter with TLS shares. Each takes PEM text or the path of a PEM file. */
export const tlsOptions = {
  ca: { type: 'string', about: 'certificate authority that signed the server: PEM text or a file' },
  cert: { type: 'string', about: 'our own certificate, for mutual TLS: PEM text or a file' },
  key: { type: 'string', secret: true, about: 'the key of `cert`: PEM text or a file' },
  serverName: { type: 'string', about: "name expected in the server's certificate, if not its host" },
} as const

export interface TlsFiles {
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
  readonly serverName?: string
}

type TlsOptionValues = { readonly [K in keyof typeof tlsOptions]?: string | undefined }

/**
 * Reads what the TLS options name; undefined for a URL without `+tls`.
 * Throws BAD_OPTION for a file that can't be read, a certificate without its key, and TLS options without TLS.
 *
 * @param prefix goes before the options' names in errors: `probe.`
 */
export function loadTls(tls: boolean, options: TlsOptionValues, prefix = ''): TlsFiles | undefined {
  const given = (Object.keys(tlsOptions) as (keyof typeof tlsOptions)[]).filter(
    (name) => options[name] !== undefined,
  )
  if (!tls) {
    if (given[0] !== undefined)
      throw badOption(given[0], 'needs TLS', 'write +tls after the scheme of the URL')
    return undefined
  }
  if ((options.cert === undefined) !== (options.key === undefined)) {
    const alone = options.cert === undefined ? 'key' : 'cert'
    throw badOption(`${prefix}${alone}`, 'stands alone', 'give cert and key together')
  }
  return {
    ...(options.ca !== undefined && { ca: pem(`${prefix}ca`, options.ca) }),
    ...(options.cert !== undefined && { cert: pem(`${prefix}cert`, options.cert) }),
    ...(options.key !== undefined && { key: pem(`${prefix}key`, options.key) }),
    ...(options.serverName !== undefined && { serverName: options.serverName }),
  }
}

function pem(name: string, textOrPath: string): Buffer {
  if (textOrPath.includes('-----BEGIN')) return Buffer.from(textOrPath)
  try {
    return readFileSync(textOrPath)
  } catch (error) {
    // The message would quote the path, and what was meant as a path may be a key without its PEM header.
    const { code } = error as NodeJS.ErrnoException
    throw badOption(
      name,
      `names a file that can't be read (${code})`,
      'give PEM text or the path of a PEM file',
    )
  }
}
