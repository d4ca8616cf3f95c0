/** How an instance answers: `slow` by 500 ms, `errors` with 503 to one of five, `resets` by breaking the connection. */
export type Manner = 'well' | 'slow' | 'errors' | 'resets'

/** An answer takes 10 to 30 ms: without work of its own, p99 would show the scheduler of the machine. */
export const shortestWorkMs = 10
export const longestWorkMs = 30
export const slowByMs = 500
export const errorShare = 0.2
