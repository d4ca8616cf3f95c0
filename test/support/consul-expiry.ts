import { until } from './until.js'

interface Check {
  readonly Status: string
}

/**
 * Waits until an expiry shows in Consul's catalogue in time: an agent tells of one in the background, at first up to 30 s
 * late. With whatever is registered it tells at once of all that has expired until then: only an expiry of what was
 * seen alive before shows anything.
 */
export async function expiryShows(apiUrl: string): Promise<void> {
  const ask = async (method: string, path: string, body?: object): Promise<string> => {
    const answer = await fetch(`${apiUrl}/v1/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    })
    return answer.text()
  }
  const seen: string[] = []
  while (!seen.includes('passing')) {
    await ask('PUT', 'agent/service/register', {
      Name: 'warm-up',
      Check: { TTL: '500ms', Status: 'passing' },
    })
    await until(
      async () => JSON.parse(await ask('GET', 'health/checks/warm-up')) as Check[],
      (checks) => {
        seen.push(...checks.map(({ Status }) => Status))
        return seen.at(-1) === 'critical'
      },
      40_000,
    )
  }
  await ask('PUT', 'agent/service/deregister/warm-up')
}
