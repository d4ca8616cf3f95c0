import { describe, expect, test } from 'vitest'
import { readInstance } from '../../../src/instance.js'
import { checkMatch, matches, type Match } from '../../../src/selection/tiers/match.js'
import { refusal } from './helpers.js'

const instance = readInstance({
  service: 'orders',
  id: 'i',
  host: 'i.test',
  port: 3000,
  tags: ['blue', 'http2'],
  version: '2.1.0',
  zone: 'a',
  metadata: { team: 'payments', tier: 'gold' },
})

function isMatch(match: Match, given = instance): boolean {
  return matches(given, checkMatch(match))
}

describe('matches', () => {
  test('tags: all of them, and any others', () => {
    expect(isMatch({ tags: ['blue'] })).toBe(true)
    expect(isMatch({ tags: ['http2', 'blue'] })).toBe(true)
    expect(isMatch({ tags: ['blue', 'green'] })).toBe(false)
  })

  test('version: exactly, one of several, or all that begin alike', () => {
    const of = (version: string, wanted: string | string[]): boolean =>
      isMatch({ version: wanted }, readInstance({ ...instance, version }))
    expect(of('2.1.0', '2.1.0')).toBe(true)
    expect(of('2.1.0', '2.1')).toBe(false)
    expect(of('2.1.0', ['1.0.0', '2.1.0'])).toBe(true)
    expect(of('2.1.0', '2.x')).toBe(true)
    expect(of('2.1.0', '2.1.x')).toBe(true)
    expect(of('2', '2.x')).toBe(true)
    expect(of('2.0.0-rc.1', '2.x')).toBe(true)
    expect(of('20.1', '2.x')).toBe(false)
    expect(of('12.1', '2.x')).toBe(false)
    expect(of('v2.3', 'v2.x')).toBe(true)
    expect(of('2.x', '2.x')).toBe(true)
  })

  test('an instance without a version or zone fits none', () => {
    const plain = readInstance({ service: 'orders', id: 'i', host: 'i.test', port: 1 })
    expect(isMatch({ version: '2.x' }, plain)).toBe(false)
    expect(isMatch({ version: '2' }, plain)).toBe(false)
    expect(isMatch({ zone: 'a' }, plain)).toBe(false)
    expect(isMatch({}, plain)).toBe(true)
  })

  test('zone: this one or one of several', () => {
    expect(isMatch({ zone: 'a' })).toBe(true)
    expect(isMatch({ zone: ['b', 'a'] })).toBe(true)
    expect(isMatch({ zone: 'b' })).toBe(false)
  })

  test('metadata: these values, and any other keys', () => {
    expect(isMatch({ metadata: { team: 'payments' } })).toBe(true)
    expect(isMatch({ metadata: { team: 'payments', tier: 'silver' } })).toBe(false)
    expect(isMatch({ metadata: { constructor: 'Object' } })).toBe(false)
  })

  test('everything that is named must hold', () => {
    expect(isMatch({ tags: ['blue'], version: '2.x', zone: 'a', metadata: { tier: 'gold' } })).toBe(true)
    expect(isMatch({ tags: ['blue'], zone: 'b' })).toBe(false)
  })

  test('a change to the options after the check changes nothing', () => {
    const given = { tags: ['blue'], metadata: { tier: 'gold' } }
    const checked = checkMatch(given)
    given.tags.push('green')
    given.metadata.tier = 'silver'
    expect(matches(instance, checked)).toBe(true)
  })
})

describe('checkMatch', () => {
  test.each([
    [{ tag: ['blue'] }, 'UNKNOWN_OPTION: There is no option "match.tag". Did you mean match.tags?'],
    [{ tags: 'blue' }, 'BAD_OPTION: Option match.tags is "blue": give a list of strings.'],
    [{ tags: [] }, 'BAD_OPTION: Option match.tags is empty: name at least one, or leave it out.'],
    [{ tags: ['a', ''] }, 'BAD_OPTION: Option match.tags[1] is ""'],
    [{ version: 2 }, 'BAD_OPTION: Option match.version is 2: give texts that are not empty.'],
    [{ version: ['1', 2] }, 'BAD_OPTION: Option match.version[1] is 2'],
    [{ version: [] }, 'BAD_OPTION: Option match.version is empty'],
    [{ zone: '' }, 'BAD_OPTION: Option match.zone is ""'],
    [{ metadata: ['a'] }, 'BAD_OPTION: Option match.metadata is an array'],
    [{ metadata: { a: 1 } }, 'BAD_OPTION: Option match.metadata.a is 1: give a text.'],
    [
      () => true,
      'BAD_OPTION: Option match is a function: give an object with tags, version, zone, metadata.',
    ],
  ])('refuses %j', (match, expected) => {
    expect(refusal(() => checkMatch(match as Match))).toContain(expected)
  })

  test('names the option that it stands in', () => {
    expect(refusal(() => checkMatch({ zone: '' }, 'canary[1].match'))).toContain(
      'Option canary[1].match.zone',
    )
  })
})
