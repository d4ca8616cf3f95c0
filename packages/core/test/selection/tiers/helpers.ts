import { isRollcallError } from '../../../src/errors.js'
import { readInstance, type InstanceRecord } from '../../../src/instance.js'
import { Endpoint } from '../../../src/selection/endpoint.js'

export function endpoint(id: string, fields: Partial<InstanceRecord> = {}): Endpoint {
  return new Endpoint(readInstance({ service: 'orders', id, host: `${id}.test`, port: 3000, ...fields }))
}

export function idsOf(endpoints: readonly Endpoint[]): string[] {
  return endpoints.map(({ instance }) => instance.id)
}

export function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, each) => total + each, 0)
}

/** The code and message of what it throws. */
export function refusal(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (!isRollcallError(error)) throw error
    return `${error.code}: ${error.message}`
  }
  return 'accepted'
}
