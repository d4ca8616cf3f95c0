/** The door to `memory:` for tests: its store, which can be frozen, wiped and made to refuse. */
export { MemoryStore } from './embedded/memory-store.js'
