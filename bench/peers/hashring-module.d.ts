declare module 'hashring' {
  export default class HashRing {
    constructor(servers: readonly string[], algorithm?: string, options?: { 'max cache size'?: number })
    get(key: string): string
    remove(server: string): this
  }
}
