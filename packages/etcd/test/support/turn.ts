/** One turn of the event loop: what needs no answer from anywhere, and no time, has happened by then. */
export function turn(): Promise<'still under way'> {
  return new Promise((resolve) => setImmediate(resolve, 'still under way'))
}
