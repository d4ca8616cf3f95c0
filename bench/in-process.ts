import { fork, type ChildProcess } from 'node:child_process'

/** What can be measured in a process of its own, so that what one of them teaches the compiler taxes no other. */
const cases = {
  pick: () => import('./pick-case.js'),
  change: () => import('./change-case.js'),
  watch: () => import('./watch-case.js'),
  announce: () => import('./announce-case.js'),
}
type CaseName = keyof typeof cases
type Module<N extends CaseName> = Awaited<ReturnType<(typeof cases)[N]>>
type Input<N extends CaseName> = Parameters<Module<N>['run']>[0]
type Output<N extends CaseName> = Awaited<ReturnType<Module<N>['run']>>

/** The first argument of a process that measures one case. */
export const caseFlag = '--case'

/** Runs one case in a process of its own, which is told all of its input at its start. */
export function inProcess<N extends CaseName>(
  name: N,
  input: Input<N>,
  onMark: (mark: string) => void = () => {},
): Promise<Output<N>> {
  const child = fork(process.argv[1]!, [caseFlag, name, JSON.stringify(input)])
  return new Promise((resolve, reject) => {
    child.on('message', (message: Message) => {
      if ('mark' in message) onMark(message.mark)
      else resolve(message.output as Output<N>)
    })
    child.once('error', reject)
    child.once('close', (code, signal) => reject(new Error(`${name} ended with ${signal ?? code}`)))
  }).finally(() => endOf(child)) as Promise<Output<N>>
}

type Message = { readonly mark: string } | { readonly output: unknown }

/** Tells the parent, by its `onMark`, that the case has come to some point. */
export function mark(text: string): void {
  process.send!({ mark: text } satisfies Message)
}

/** What a process does that was started with `caseFlag`. */
export async function runCase(name: string, input: string): Promise<void> {
  const { run } = (await cases[name as CaseName]()) as { run(input: unknown): unknown }
  const output = await run(JSON.parse(input))
  process.send!({ output } satisfies Message)
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await ended
}
