import { calls, callsHelp } from './calls/command.js'
import { recovery, recoveryHelp } from './recovery-report.js'
import { UsageError } from './usage-error.js'

interface Command {
  readonly help: string
  run(args: readonly string[]): Promise<number>
}

const commands: Readonly<Record<string, Command>> = {
  recovery: { help: recoveryHelp, run: recovery },
  calls: { help: callsHelp, run: calls },
}

const [name = '', ...args] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
// Whoever interrupts us ends our processes as well: those that listen for our exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

if (command && !args.includes('--help')) {
  process.exitCode = await run(command)
} else {
  const helps = command ? [command.help] : Object.values(commands).map(({ help }) => help)
  process.stdout.write(helps.join('\n\n'))
  process.exitCode = command || name === '--help' ? 0 : 2
}

async function run(command: Command): Promise<number> {
  try {
    return await command.run(args)
  } catch (error) {
    if (!isUsageError(error)) throw error
    console.error(`${error.message}\n\n${command.help}`)
    return 2
  }
}

function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}
