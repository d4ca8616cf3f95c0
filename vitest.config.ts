import { defineConfig } from 'vitest/config'
import { serverTests } from './test/server-tests.js'

// Tests run on the sources: no build stands between an edit and its test.
const conditions = ['@rollcall/source', 'node', 'import', 'module', 'default']

const packaging = 'test/packaging/**/*.test.ts'
const withServers = serverTests()

export default defineConfig({
  resolve: { conditions },
  // Node gets these for whatever is not transformed: with `import` among them, a `require` would find the wrong file.
  ssr: { resolve: { conditions, externalConditions: ['@rollcall/source'] } },
  test: {
    server: { deps: { inline: [/@rollcall\//] } },
    setupFiles: ['test/support/refuse-regexps.ts'],
    retry: 0,
    testTimeout: 10_000,
    // A rejection that nobody handles is a bug of ours wherever it comes from.
    dangerouslyIgnoreUnhandledErrors: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [packaging, '**/node_modules/**', ...withServers],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'servers',
          include: withServers,
          globalSetup: 'test/servers-in-use.ts',
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'packaging',
          include: [packaging],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
