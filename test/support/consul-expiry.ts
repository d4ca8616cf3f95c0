import { until } from './until.js'

interface Check {
  readonly Status: string
}

/**
 * Waits until an expiry shows in Consul's catalogue: an agent that started before its servers had a leader tells the
 * first one up to 30 s late.
 */
export async function expiryShows(apiUrl: string): Promise<void> {
  const ask = async (method: string, path: string, body?: object): Promise<string> => {
    const answer = await fetch(`${apiUrl}/v1/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    })
    return answer.text()
  }
  await ask('PUT', 'agent/service/register', { Name: 'warm-up', Check: { TTL: '100ms', Status: 'passing' } })
  await until(
    async () => JSON.parse(await ask('GET', 'health/checks/warm-up')) as Check[],
    (checks) => checks.some(({ Status }) => Status === 'critical'),
    40_000,
  )
  await ask('PUT', 'agent/service/deregister/warm-up')
}
