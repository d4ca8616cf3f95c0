import { readFileSync } from 'node:fs'
import { test } from 'vitest'
import { Follower } from './support/follower.js'
import { instanceOf, openEtcd, within } from './support/open.js'
const pid = (n: number) => Number(readFileSync(`/tmp/etcdtry/n${n}.pid`, 'utf8'))
const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms))
test('min ttl and lateness', async () => {
  const a = openEtcd('etcd://127.0.0.1:24701')
  console.log('granted for 500 ms:', (await a.register(instanceOf({id: 'm'}), 500, within())).ttlMs)
  const late: number[] = []
  const f = new Follower((s) => a.watch('orders', s))
  for (let i = 0; i < 12; i++) {
    const b = openEtcd('etcd://127.0.0.1:24701')
    await sleep(Math.random() * 500)
    const l = await b.register(instanceOf({id: `i${i}`}), 2000, within())
    const t = performance.now()
    void (async () => { while (f.last!.instances.every(x => x.id !== `i${i}`)) await sleep(5); while (f.last!.instances.some(x => x.id === `i${i}`)) await sleep(5); late.push(Math.round(performance.now() - t - l.ttlMs)) })()
  }
  await sleep(4500)
  console.log('late', late.toSorted((x, y) => x - y))
  await f.stop(); await a.close(within())
}, 30_000)
test('no leader', async () => {
  const a = openEtcd('etcd://127.0.0.1:24701')
  const f = new Follower((s) => a.watch('orders', s))
  await f.until(() => true)
  const l = await a.register(instanceOf(), 30_000, within())
  let t = performance.now()
  process.kill(pid(2), 'SIGSTOP'); process.kill(pid(3), 'SIGSTOP')
  console.log('watch ended', String(await f.ended), Math.round(performance.now() - t))
  t = performance.now()
  console.log('renew', await l.renew(within()).catch(String), Math.round(performance.now() - t)); t = performance.now()
  console.log('list', await a.watch('orders', within())[Symbol.asyncIterator]().next().catch(String), Math.round(performance.now() - t))
  const b = openEtcd('etcd://127.0.0.1:24703,127.0.0.1:24702,127.0.0.1:24701')
  process.kill(pid(2), 'SIGCONT')
  t = performance.now()
  const tries: string[] = []
  for (let i = 0; i < 12; i++) { tries.push(await b.register(instanceOf({id: 'z'}), 5000, within()).then(() => 'ok', (e) => String(e).slice(0, 60))); if (tries.at(-1) === 'ok') break; await sleep(100) }
  console.log('3 hosts, 1 frozen', tries, Math.round(performance.now() - t))
  process.kill(pid(3), 'SIGCONT')
  await a.close(within()); await b.close(within())
}, 60_000)
