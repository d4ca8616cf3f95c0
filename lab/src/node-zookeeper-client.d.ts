// It ships no types; this is what the raw reader uses.
declare module 'node-zookeeper-client' {
  interface Client {
    once(event: 'connected', listener: () => void): void
    connect(): void
    close(): void
    getChildren(path: string, callback: (error: { name?: string } | null, children: string[]) => void): void
  }
  const zookeeper: { createClient(hosts: string, options: object): Client }
  export default zookeeper
}
