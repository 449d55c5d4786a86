/**
 * Command line of the simulator: `npm run simulator -- [--port 0] [--seed 1] [--sessions 2400] [--log FILE]
 * [--auto-progress] [--control] [--follow]`. Prints one line of JSON when it is ready; with `--follow` also every later
 * log record, one per line. Ends on SIGTERM, on SIGINT, and when the parent process ends.
 */
import { randomUUID } from 'node:crypto';
import { fstatSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startSimulator } from './index.ts';

function parseNonNegativeInteger(name: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new Error(`--${name} requires a whole number. "${text}" is not a whole number.`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      sessions: { type: 'string', default: '2400' },
      log: { type: 'string' },
      'auto-progress': { type: 'boolean', default: false },
      control: { type: 'boolean', default: false },
      follow: { type: 'boolean', default: false },
    },
  });
  const controlToken = values.control ? randomUUID() : null;
  const simulator = await startSimulator({
    port: parseNonNegativeInteger('port', values.port),
    seed: parseNonNegativeInteger('seed', values.seed),
    sessionCount: parseNonNegativeInteger('sessions', values.sessions),
    autoProgress: values['auto-progress'],
    ...(values.log === undefined ? {} : { logFile: values.log }),
    ...(controlToken === null ? {} : { controlToken }),
  });
  const shutDown = (): void => void simulator.close().then(() => process.exit(0));
  process.once('SIGTERM', shutDown);
  process.once('SIGINT', shutDown);
  // A closed pipe means that the parent process ended. A file or /dev/null as standard input has no such meaning.
  const input = fstatSync(0);
  if (input.isFIFO() || input.isSocket()) process.stdin.resume().once('close', shutDown);
  process.stdout.on('error', shutDown);
  console.log(JSON.stringify({ url: simulator.url, credentials: simulator.credentials, controlToken }));
  if (values.follow) simulator.onRecord((record) => console.log(JSON.stringify(record)));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
