/** What the simulated providers of practice really did, from their own record in the data folder: the oracle of the long journeys. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSimulator, type LogRecord, type SimulatedSession } from '../../src-main/core/simulator/index.ts';

const simulatorLogFile = (dataFolder: string): string => join(dataFolder, 'practice', 'simulator.jsonl');

/** Every record so far; a last line that is being written is excluded. */
export function readSimulatorRecords(dataFolder: string): LogRecord[] {
  const lines = readFileSync(simulatorLogFile(dataFolder), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as LogRecord);
}

/** How many cancel requests have reached the providers. */
export function countCancelRequests(dataFolder: string): number {
  return readSimulatorRecords(dataFolder).filter(({ kind }) => kind === 'cancel_received').length;
}

/** The sessions as the providers know them. The console must have been ended: both would write the record. */
export async function readProviderOracle(dataFolder: string): Promise<{
  session(id: string): SimulatedSession | null;
  /** How many cancel requests really cancelled it. */
  effects(id: string): number;
  asked: ReadonlySet<string>;
}> {
  const simulator = await startSimulator({ logFile: simulatorLogFile(dataFolder) });
  await simulator.close();
  const asked = new Set(
    simulator.listLogRecords().flatMap((record) => (record.kind === 'cancel_received' ? [record.id] : [])),
  );
  return { session: simulator.getSession, effects: simulator.countCancelEffects, asked };
}
