import { readFileSync } from 'node:fs'
import { readInstance, type InstanceRecord } from '@rollcall/core/adapter'
import { describe, expect, it } from 'vitest'
import { decodeAll, encode as toConsul } from '../../packages/consul/src/codec.js'
import { keyOf, readRecord, toValue } from '../../packages/etcd/src/codec.js'
import { decode, encode as toZooKeeper } from '../../packages/zookeeper/src/codec.js'

const document = readFileSync('docs/wire-formats.md', 'utf8')

/** The block marked so within a section, or before the first. */
function block(mark: string, section?: string): string {
  const text = section === undefined ? document : document.split(`\n## ${section}\n`)[1]!.split('\n## ')[0]!
  const found = new RegExp(`^\`\`\`(?:json|text) ${mark}\\n(.*?)^\`\`\``, 'ms').exec(text)
  return found![1]!
}

const json = (mark: string, section?: string): unknown => JSON.parse(block(mark, section))

const instance = readInstance(json('instance') as InstanceRecord)

describe('docs/wire-formats.md', () => {
  it('shows what is written to Consul', () => {
    expect(toConsul(instance, 15_000)).toEqual(json('written', 'Consul'))
  })

  it('shows what is read of others’ in Consul', () => {
    const { instances } = decodeAll('orders', [json('read', 'Consul')])
    expect(instances).toEqual([expect.objectContaining(json('as', 'Consul'))])
  })

  it('shows what is written to etcd', () => {
    expect(keyOf('/services', instance)).toBe(block('key', 'etcd').trim())
    expect(JSON.parse(toValue(instance))).toEqual(json('written', 'etcd'))
  })

  it('shows what is read of others’ in etcd', () => {
    const read = readRecord('/services', 'orders', '/services/orders/a1b2', block('read', 'etcd'))
    expect(read).toMatchObject(json('as', 'etcd') as object)
  })

  it('shows what is written to ZooKeeper', () => {
    expect(JSON.parse(toZooKeeper(instance).toString())).toEqual(json('written', 'ZooKeeper'))
  })

  it('shows what is read of others’ in ZooKeeper', () => {
    const expected = json('as', 'ZooKeeper') as { id: string }
    const read = decode('orders', expected.id, Buffer.from(block('read', 'ZooKeeper')))
    expect(read).toMatchObject(expected)
    expect(read.metadata).toEqual((expected as { metadata?: object }).metadata)
  })
})
