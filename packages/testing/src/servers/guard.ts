import { spawn } from 'node:child_process'

/**
 * Sees to it that nothing outlives this process, however it ends, SIGKILL included: a shell waits for the other end of
 * its standard input to close and then runs `script` with `args`.
 */
export class Guard {
  readonly #stand: () => void

  constructor(script: string, args: readonly string[]) {
    const shell = spawn(
      '/bin/sh',
      ['-c', `read -r word; [ "$word" = done ] || { ${script}; }`, 'sh', ...args],
      {
        // An own session: Ctrl-C in the terminal must not end the guard before its work is done.
        detached: true,
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    )
    shell.on('error', () => undefined)
    shell.stdin.on('error', () => undefined)
    shell.unref()
    this.#stand = () => shell.stdin.end('done\n')
  }

  /** There is nothing left to guard. */
  dismiss(): void {
    this.#stand()
  }
}
