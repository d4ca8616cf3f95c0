import { expect } from 'vitest'

// `toMatchObject({ message: /…/ })` looks like a match and compares no properties, of which a RegExp has none: it would
// hold for any text. `expect.stringMatching` is what was meant.
expect.addEqualityTesters([
  (actual: unknown, expected: unknown): boolean | undefined =>
    expected instanceof RegExp && !(actual instanceof RegExp) ? false : undefined,
])
