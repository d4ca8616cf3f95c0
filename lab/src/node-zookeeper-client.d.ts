// It ships no types; this is what readers and tests use.
declare module 'node-zookeeper-client' {
  interface Client {
    once(event: 'connected', listener: () => void): void
    connect(): void
    close(): void
    getChildren(path: string, callback: (error: { name?: string } | null, children: string[]) => void): void
    addAuthInfo(scheme: string, auth: Buffer): void
    setACL(path: string, acl: unknown, version: number, callback: (error: Error | null) => void): void
  }
  const zookeeper: {
    createClient(hosts: string, options: object): Client
    ACL: { OPEN_ACL_UNSAFE: unknown }
  }
  export default zookeeper
}
