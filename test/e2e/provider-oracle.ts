/** The actual effects at the simulated providers of practice, read from their event log in the data folder. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSimulator, type LogRecord, type SimulatedSession } from '../../src-main/core/simulator/index.ts';

const simulatorLogFile = (dataFolder: string): string => join(dataFolder, 'practice', 'simulator.jsonl');

/** All records so far, without an incomplete last line. */
export function readSimulatorRecords(dataFolder: string): LogRecord[] {
  const lines = readFileSync(simulatorLogFile(dataFolder), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as LogRecord);
}

/** The number of cancel requests that reached the providers. */
export function countCancelRequests(dataFolder: string): number {
  return readSimulatorRecords(dataFolder).filter(({ kind }) => kind === 'cancel_received').length;
}

/** The sessions in the state of the providers. The app must be stopped, because both processes would write the log. */
export async function readProviderOracle(dataFolder: string): Promise<{
  session(id: string): SimulatedSession | null;
  /** The number of cancel requests that changed the session to cancelled. */
  effects(id: string): number;
  requestedIds: ReadonlySet<string>;
}> {
  const simulator = await startSimulator({ logFile: simulatorLogFile(dataFolder) });
  await simulator.close();
  const requestedIds = new Set(
    simulator.listLogRecords().flatMap((record) => (record.kind === 'cancel_received' ? [record.id] : [])),
  );
  return { session: simulator.getSession, effects: simulator.countCancelEffects, requestedIds };
}
