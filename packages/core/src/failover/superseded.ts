/**
 * What the signal of an attempt is aborted with that is not needed any more. Named like an abort's own error, so that
 * what still reads an answer takes it for one.
 */
export function superseded(): DOMException {
  return new DOMException('Another attempt takes its place.', 'AbortError')
}

/** The same for one that another attempt, begun later, has left behind. */
export class Overtaken extends DOMException {
  constructor() {
    super('Another attempt, begun later, has answered.', 'AbortError')
  }
}
