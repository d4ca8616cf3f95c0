import { defineConfig } from 'vitest/config'

// Tests run on the sources: no build stands between an edit and its test.
const conditions = ['@rollcall/source', 'node', 'import', 'module', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    server: { deps: { inline: [/@rollcall\//] } },
    retry: 0,
    testTimeout: 10_000,
    // A rejection that nobody handles is a bug of ours wherever it comes from.
    dangerouslyIgnoreUnhandledErrors: false,
  },
})
