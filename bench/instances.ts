import { readInstance, type Instance } from '@rollcall/core/adapter'

/** Instances as a parser makes them: no two strings are the same object. */
export function instances(size: number, weight: (i: number) => number = () => 1): Instance[] {
  return Array.from({ length: size }, (_, i) => instance('orders', i, { weight: weight(i) }))
}

export function instance(
  service: string,
  i: number,
  fields: { readonly weight?: number; readonly metadata?: Readonly<Record<string, string>> } = {},
): Instance {
  return readInstance({
    service,
    id: fresh(`${service}-${i}`),
    host: fresh(`10.0.${i >> 8}.${i & 255}`),
    port: 3000,
    incarnation: fresh(`l0000000-${i}`),
    ...fields,
  })
}

const fresh = (text: string): string => Buffer.from(text).toString()
