/** The simulated providers in a process of their own, for tests that run under vitest or under Playwright. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { controlTokenHeader } from '../../src-main/core/simulator/index.ts';
import type { LogRecord, practiceAccounts, SimulatorControl } from '../../src-main/core/simulator/index.ts';

const simulatorEntry = fileURLToPath(new URL('../../src-main/core/simulator/cli.ts', import.meta.url));

export interface SpawnSimulatorOptions {
  readonly port?: number;
  readonly seed?: number;
  readonly sessionCount?: number;
  readonly logFile?: string;
}

export interface SpawnedSimulator {
  readonly url: string;
  readonly credentials: typeof practiceAccounts;
  readonly processId: number;
  /** Calls a function of the simulator's control: `control('setFaults', [{ route: 'cancel', fault: 'reset' }])`. */
  control<Name extends keyof SimulatorControl>(
    name: Name,
    ...given: Parameters<SimulatorControl[Name]>
  ): Promise<ReturnType<SimulatorControl[Name]>>;
  /** The provider's own record of what was asked and what really happened. */
  readLog(): Promise<readonly LogRecord[]>;
  /** The first record since it was started that `wanted` is true for, awaited where it has not come yet. */
  waitForRecord(wanted: (record: LogRecord) => boolean): Promise<LogRecord>;
  /** Ends it and waits until it has ended; safe to call twice. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts the simulator and waits until it listens. It ends by itself when this process does. */
export async function spawnSimulator(options: SpawnSimulatorOptions = {}): Promise<SpawnedSimulator> {
  const words = ['--control', '--follow'];
  if (options.port !== undefined) words.push('--port', String(options.port));
  if (options.seed !== undefined) words.push('--seed', String(options.seed));
  if (options.sessionCount !== undefined) words.push('--sessions', String(options.sessionCount));
  if (options.logFile !== undefined) words.push('--log', options.logFile);
  const child = spawn(process.execPath, [simulatorEntry, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([
    once(lines, 'line').then(([line]) => String(line)),
    exited.then(() => {
      throw new Error(`The simulator did not start: ${complaint}`);
    }),
  ]);
  const { url, credentials, controlToken } = JSON.parse(first) as {
    url: string;
    credentials: typeof practiceAccounts;
    controlToken: string;
  };

  const records: LogRecord[] = [];
  const waiting = new Set<() => void>();
  lines.on('line', (line) => {
    records.push(JSON.parse(line) as LogRecord);
    for (const look of waiting) look();
  });

  const control: SpawnedSimulator['control'] = async (name, ...given) => {
    const answer = await fetch(`${url}/_simulator/control/${name}`, {
      method: 'POST',
      headers: { [controlTokenHeader]: controlToken },
      body: JSON.stringify(given),
    });
    const told = await answer.text();
    if (!answer.ok) throw new Error(`The simulator refused ${name}: ${answer.status} ${told}`);
    return (JSON.parse(told) as { value: never }).value;
  };

  const waitForRecord = (wanted: (record: LogRecord) => boolean): Promise<LogRecord> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = records.find(wanted);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      void exited.then(() => reject(new Error('The simulator ended before the awaited record came.')));
      look();
    });

  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  return {
    url,
    credentials,
    processId: child.pid ?? 0,
    control,
    readLog: () => control('listLogRecords'),
    waitForRecord,
    stop,
  };
}
