import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** What can be measured in a process of its own, so that what one of them teaches the compiler taxes no other. */
const cases = {
  pick: () => import('./pick-case.js'),
  build: () => import('./build-case.js'),
  moved: () => import('./moved-case.js'),
  change: () => import('./change-case.js'),
  call: () => import('./call-case.js'),
  watch: () => import('./watch-case.js'),
  announce: () => import('./announce-case.js'),
}
type CaseName = keyof typeof cases
type Module<N extends CaseName> = Awaited<ReturnType<(typeof cases)[N]>>
type Input<N extends CaseName> = Parameters<Module<N>['run']>[0]
type Output<N extends CaseName> = Awaited<ReturnType<Module<N>['run']>>

/** The first argument of a process that measures one case. */
export const caseFlag = '--case'

/** Runs one case in a process of its own; `onMark` hears what the case says meanwhile. */
export async function inProcess<N extends CaseName>(
  name: N,
  input: Input<N>,
  onMark: (mark: string) => void = () => {},
): Promise<Output<N>> {
  const child = fork(process.argv[1]!, [caseFlag, name, JSON.stringify(input)])
  const ended = once(child, 'close')
  try {
    return await outputOf<N>(child, name, onMark)
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}

function outputOf<N extends CaseName>(
  child: ChildProcess,
  name: N,
  onMark: (mark: string) => void,
): Promise<Output<N>> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: Message<Output<N>>) => {
      if ('mark' in message) onMark(message.mark)
      else resolve(message.output)
    })
    child.once('error', reject)
    child.once('close', (code, signal) => reject(new Error(`${name} ended with ${signal ?? code}`)))
  })
}

type Message<T> = { readonly mark: string } | { readonly output: T }

/** Tells the parent, by its `onMark`, that the case has come to some point. */
export function mark(text: string): void {
  process.send!({ mark: text } satisfies Message<unknown>)
}

/** What a process does that was started with `caseFlag`. */
export async function runCase(name: string, input: string): Promise<void> {
  const { run } = (await cases[name as CaseName]()) as { run(input: unknown): unknown }
  const output = await run(JSON.parse(input))
  process.send!({ output } satisfies Message<unknown>)
}
