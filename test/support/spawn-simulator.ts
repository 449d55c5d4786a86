/** Starts the simulated providers in a child process, for tests in vitest and Playwright. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { defaultConfig } from '../../src-main/core/simulator/config.ts';
import { controlTokenHeader } from '../../src-main/core/simulator/index.ts';
import type { LogRecord, practiceAccounts, SimulatorControl } from '../../src-main/core/simulator/index.ts';
import { splitLines } from './line-splitter.ts';
import { testProcessFile } from './test-processes.ts';

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
  /** Calls a control function of the simulator: `control('setFaults', [{ route: 'cancel', fault: 'reset' }])`. */
  control<Name extends keyof SimulatorControl>(
    name: Name,
    ...args: Parameters<SimulatorControl[Name]>
  ): Promise<ReturnType<SimulatorControl[Name]>>;
  /** The simulator's log of requests and of their actual effects since the start or the last reset. */
  readLog(): Promise<readonly LogRecord[]>;
  /** Resolves with the first log record since the start or the last reset that matches, or with the `count`th one. */
  waitForRecord(matches: (record: LogRecord) => boolean, count?: number): Promise<LogRecord>;
  /**
   * Prepares the simulator for the next test of a file: no faults, the default configuration, and a log without the
   * records so far. The sessions stay as they are.
   */
  reset(): Promise<void>;
  /** Stops the simulator and waits until it has exited. Can be called more than once. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts the simulator and waits until it listens. It exits when this process exits. */
export async function spawnSimulator(options: SpawnSimulatorOptions = {}): Promise<SpawnedSimulator> {
  const args = ['--control', '--follow'];
  if (options.port !== undefined) args.push('--port', String(options.port));
  if (options.seed !== undefined) args.push('--seed', String(options.seed));
  if (options.sessionCount !== undefined) args.push('--sessions', String(options.sessionCount));
  if (options.logFile !== undefined) args.push('--log', options.logFile);
  const child = spawn(process.execPath, [testProcessFile('simulator'), ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let errorOutput = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errorOutput += chunk.toString();
  });
  const records: LogRecord[] = [];
  const recordListeners = new Set<() => void>();
  const started = Promise.withResolvers<string>();
  let hasStarted = false;
  splitLines(child.stdout, (line) => {
    if (hasStarted) {
      records.push(JSON.parse(line) as LogRecord);
      for (const listener of recordListeners) listener();
    } else {
      hasStarted = true;
      started.resolve(line);
    }
  });
  const firstLine = await Promise.race([
    started.promise,
    exited.then(() => {
      throw new Error(`The simulator did not start: ${errorOutput}`);
    }),
  ]);
  const { url, credentials, controlToken } = JSON.parse(firstLine) as {
    url: string;
    credentials: typeof practiceAccounts;
    controlToken: string;
  };

  const control: SpawnedSimulator['control'] = async (name, ...controlArgs) => {
    const response = await fetch(`${url}/_simulator/control/${name}`, {
      method: 'POST',
      headers: { [controlTokenHeader]: controlToken },
      body: JSON.stringify(controlArgs),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`The simulator rejected ${name}: ${response.status} ${text}`);
    return (JSON.parse(text) as { value: never }).value;
  };

  const initialLogLength = (await control('listLogRecords')).length;
  let resetLogLength = 0;
  const reset = async (): Promise<void> => {
    await control('setFaults', []);
    await control('updateConfig', defaultConfig);
    resetLogLength = (await control('listLogRecords')).length;
  };

  const waitForRecord = (matches: (record: LogRecord) => boolean, count = 1): Promise<LogRecord> =>
    new Promise((resolve, reject) => {
      const firstRecord = Math.max(0, resetLogLength - initialLogLength);
      const checkRecords = (): void => {
        const record = records.slice(firstRecord).filter(matches)[count - 1];
        if (record === undefined) return;
        recordListeners.delete(checkRecords);
        resolve(record);
      };
      recordListeners.add(checkRecords);
      void exited.then(() => reject(new Error('The simulator exited before a matching record was logged.')));
      checkRecords();
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
    readLog: async () => (await control('listLogRecords')).slice(resetLogLength),
    waitForRecord,
    reset,
    stop,
  };
}
