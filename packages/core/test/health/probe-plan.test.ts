import { describe, expect, it } from 'vitest'
import { probeOptions, type Probe } from '../../src/health/probe-options.js'
import { planProbe } from '../../src/health/probe-plan.js'

describe('planProbe', () => {
  it.each(['tcp', 'http', 'grpc', () => true, {}, { check: 'http', expect: [204, '300-399'] }] as Probe[])(
    'takes %s, with the defaults',
    (probe) => {
      expect(planProbe(probe)).toMatchObject({
        intervalMs: 5_000,
        edgeMs: 1_000,
        noTrafficMs: 60_000,
        jitter: 0.1,
        timeoutMs: 1_000,
        unhealthyAfter: 3,
        healthyAfter: 2,
        atOnce: 32,
      })
    },
  )

  it('fits the edge and the rest to an interval of another order', () => {
    expect(planProbe({ intervalMs: 100 })).toMatchObject({ edgeMs: 100, noTrafficMs: 60_000 })
    expect(planProbe({ intervalMs: 300_000 })).toMatchObject({ edgeMs: 1_000, noTrafficMs: 300_000 })
  })

  it('takes undefined for an option not given', () => {
    const nothing = Object.fromEntries(Object.keys(probeOptions).map((name) => [name, undefined]))
    expect(planProbe(nothing)).toMatchObject({ intervalMs: 5_000 })
  })

  it.each([
    [undefined, /Option probe is undefined: give 'tcp', 'http', 'grpc', a function/],
    [null, /Option probe is null/],
    [['tcp'], /Option probe is an array/],
    [5, /Option probe is 5/],
    ['udp', /Option probe\.check is "udp": give 'tcp', 'http', 'grpc' or a function/],
    [{ check: 'udp' }, /Option probe\.check is "udp"/],
    [{ check: 'http', method: 'POST' }, /Option probe\.method is "POST": give 'GET' or 'HEAD'/],
    [{ check: 'http', path: 'health' }, /Option probe\.path is "health": begin with a slash/],
    [{ check: 'http', path: '/a b' }, /Option probe\.path/],
    [{ check: 'http', path: '/a\r\nX: y' }, /Option probe\.path/],
    [{ check: 'http', host: 'a\r\nX: y' }, /Option probe\.host/],
    [{ check: 'http', expect: [] }, /Option probe\.expect is an empty list/],
    [
      { check: 'http', expect: '2xx' },
      /Option probe\.expect holds "2xx": give statuses such as 204 or '200-299'/,
    ],
    [{ check: 'http', expect: '299-200' }, /Option probe\.expect holds "299-200"/],
    [{ check: 'http', expect: [200, 99] }, /Option probe\.expect holds 99/],
    [{ check: 'http', expect: [600] }, /Option probe\.expect holds 600/],
    [{ check: 'http', expect: [null] }, /Option probe\.expect holds null/],
    [{ check: 'http', expect: 200.5 }, /Option probe\.expect holds 200.5/],
    [
      { check: 'http', service: 'x' },
      /Option probe\.service means nothing to a http check: leave it out, or give check: 'grpc'/,
    ],
    [
      { path: '/health' },
      /Option probe\.path means nothing to a tcp check: leave it out, or give check: 'http'/,
    ],
    [{ check: () => true, expect: 200 }, /Option probe\.expect means nothing to a function/],
    [{ check: 'tcp', ca: 'ca.pem' }, /Option probe\.ca means nothing to a tcp check/],
    [{ check: 'grpc', service: '' }, /Option probe\.service is ""/],
    [{ check: 'http', ca: '/nowhere/ca.pem' }, /Option probe\.ca names a file that can't be read \(ENOENT\)/],
    [
      { check: 'http', cert: '-----BEGIN x', key: '-----BEGIN y' },
      /Option probe\.cert or its key can't be used \(/,
    ],
    [{ check: 'grpc', key: '/nowhere/key.pem' }, /Option probe\.key stands alone/],
    [{ intervalMs: 5 }, /Option probe\.intervalMs is 5: give a number from 10 to 86400000/],
    [{ intervalMs: '5s' }, /Option probe\.intervalMs is "5s"/],
    [{ intervalMs: NaN }, /Option probe\.intervalMs is NaN/],
    [{ edgeMs: 6_000 }, /Option probe\.edgeMs is 6000, longer than intervalMs \(5000\): give less/],
    [
      { noTrafficMs: 1_000 },
      /Option probe\.noTrafficMs is 1000, shorter than intervalMs \(5000\): give more/,
    ],
    [{ jitter: 2 }, /Option probe\.jitter is 2: give a number from 0 to 1/],
    [{ timeoutMs: 0 }, /Option probe\.timeoutMs is 0/],
    [{ unhealthyAfter: 0 }, /Option probe\.unhealthyAfter is 0: give a whole number from 1/],
    [{ healthyAfter: 1.5 }, /Option probe\.healthyAfter is 1.5/],
    [{ atOnce: 0 }, /Option probe\.atOnce is 0/],
  ] as [Probe, RegExp][])('refuses %j', (probe, message) => {
    expect(() => planProbe(probe)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
    expect(() => planProbe(probe)).toThrow(message)
  })

  it('names the nearest option to one it does not know', () => {
    expect(() => planProbe({ intervallMs: 5 } as Probe)).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_OPTION',
        message: 'There is no option "probe.intervallMs". Did you mean probe.intervalMs?',
      }),
    )
  })

  it('shows no key', () => {
    const key = 'not a PEM text but surely secret'
    expect(() => planProbe({ check: 'http', cert: '-----BEGIN x', key })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') }),
    )
  })
})
