// The adapters import core, so core can't be compiled against them: this is all that `connect` needs to know.
declare module '@rollcall/consul' {
  export const consul: import('./contract.js').AdapterDefinition
}
declare module '@rollcall/etcd' {
  export const etcd: import('./contract.js').AdapterDefinition
}
declare module '@rollcall/zookeeper' {
  export const zookeeper: import('./contract.js').AdapterDefinition
}
