export { etcd, type EtcdOptions } from './etcd.js'
