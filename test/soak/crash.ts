/** Kills a writer at random points and checks its data: acknowledged writes, the audit chain and partial writes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { createTempFolder } from '../support/app.ts';
import { testProcessFile } from '../support/test-processes.ts';
import { openAuditLog } from './audit-log.ts';
import type { SoakTest } from './soak-test.ts';
import type { Acknowledgement } from './writer.ts';

/** Kills a writing process at random points. All rounds use one folder. */
export const crashSoak: SoakTest = {
  name: 'crashes',
  defaultRounds: 200,
  async *run(seed, rounds) {
    const folder = createTempFolder();
    const allAcknowledgements: Acknowledgement[] = [];
    for (const point of randomKillPoints(seed, rounds)) {
      const { acknowledged, records } = await runCrashRound(folder, point, allAcknowledgements);
      const after = JSON.stringify(point).padEnd(24);
      const counts = `${String(acknowledged).padStart(5)} acknowledgements  ${String(records).padStart(8)} records`;
      yield `${after} ${counts}, none missing`;
    }
    checkAcknowledged(folder, allAcknowledgements);
  },
};

/** When a round kills: after a number of acknowledgements, or milliseconds after the start of the process. */
export type KillPoint = { readonly afterAcknowledgements: number } | { readonly afterMs: number };

/** The same kill points for the same seed (mulberry32). */
export function randomKillPoints(seed: number, count: number): KillPoint[] {
  let state = seed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  // One in four rounds kills during the start: opening, migration or first records.
  return Array.from({ length: count }, () =>
    random() < 0.25 ? { afterMs: Math.floor(random() * 500) } : { afterAcknowledgements: Math.floor(random() * 400) },
  );
}

/** Runs one round on the folder of earlier rounds. Throws if an acknowledged write is missing or a write is partial. */
export async function runCrashRound(
  folder: string,
  point: KillPoint,
  allAcknowledgements: Acknowledgement[],
): Promise<{ acknowledged: number; records: number; recordsAfterHead: number }> {
  const acknowledgements = await writeUntilKilled(folder, point);
  allAcknowledgements.push(...acknowledgements);
  const log = await openAuditLog(folder);
  try {
    const verification = await log.audit.verify();
    if (verification.result !== 'intact')
      throw new Error(`The audit log is not intact: ${JSON.stringify(verification)}`);
    checkAcknowledged(folder, acknowledgements);
    return {
      acknowledged: acknowledgements.length,
      records: verification.checked,
      recordsAfterHead: verification.recordsAfterHead,
    };
  } finally {
    await log.close();
  }
}

async function writeUntilKilled(folder: string, point: KillPoint): Promise<Acknowledgement[]> {
  const child = spawn(process.execPath, [testProcessFile('writer'), folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close') as Promise<[number | null, string | null]>;
  let stderrText = '';
  child.stderr.on('data', (chunk: Buffer) => (stderrText += chunk.toString()));
  const acknowledgements: Acknowledgement[] = [];
  if ('afterMs' in point) setTimeout(() => child.kill('SIGKILL'), point.afterMs);
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.endsWith('}')) continue;
    acknowledgements.push(JSON.parse(line) as Acknowledgement);
    if ('afterAcknowledgements' in point && acknowledgements.length > point.afterAcknowledgements)
      child.kill('SIGKILL');
  }
  const [, signal] = await ended;
  if (signal !== 'SIGKILL') throw new Error(`The writer ended without a kill: ${stderrText}`);
  return acknowledgements;
}

const stateOrder = { intended: 0, sent: 1, cancelled: 2 };

/** Checks that acknowledged writes are present and that present writes are complete. */
export function checkAcknowledged(folder: string, acknowledgements: readonly Acknowledgement[]): void {
  const database = new DatabaseSync(join(folder, 'desk.sqlite'), { readOnly: true });
  try {
    const record = database.prepare('SELECT 1 FROM audit WHERE detail = ?');
    const session = database.prepare('SELECT 1 FROM sessions WHERE connection_id = ? AND product = ? AND id = ?');
    const cancellation = database.prepare('SELECT state FROM cancellations WHERE id = ?');
    for (const acknowledgement of acknowledgements) {
      if (acknowledgement.kind === 'record' && !record.get(acknowledgement.detail))
        throw new Error(`An acknowledged record is missing: ${acknowledgement.detail}`);
      if (acknowledgement.kind === 'session' && !session.get('c1', 'geft', acknowledgement.id))
        throw new Error(`An acknowledged session is missing: ${acknowledgement.id}`);
      if (acknowledgement.kind !== 'cancellation') continue;
      const state = cancellation.get(acknowledgement.id)?.['state'] as keyof typeof stateOrder | undefined;
      if (state === undefined || stateOrder[state] < stateOrder[acknowledgement.state])
        throw new Error(
          `Acknowledged ${acknowledgement.state}, but the database has ${state ?? 'nothing'}: ${acknowledgement.id}`,
        );
    }
    checkNoPartialWrites(database);
  } finally {
    database.close();
  }
}

export function checkNoPartialWrites(database: DatabaseSync): void {
  for (const [what, sql] of partialWriteQueries) {
    const count = Number(database.prepare(sql).get()?.['count']);
    if (count > 0) throw new Error(`${count} ${what}`);
  }
}

/** Each query must count 0. */
const partialWriteQueries: readonly [string, string][] = [
  [
    'cancellations have a state without an audit record',
    `
    SELECT count(*) AS count FROM cancellations c WHERE NOT EXISTS (
      SELECT 1 FROM audit a WHERE a.cancellation_id = c.id AND a.session_key = c.session_key AND a.action =
        CASE c.state WHEN 'intended' THEN 'cancel_intended' WHEN 'sent' THEN 'cancel_sent' ELSE 'cancel_settled' END)`,
  ],
  [
    'audit records have an outcome that no cancellation has',
    `
    SELECT count(*) AS count FROM audit a LEFT JOIN cancellations c ON c.id = a.cancellation_id
      WHERE a.action = 'cancel_settled' AND c.state IS NOT 'cancelled'`,
  ],
  [
    'sessions are shown as cancelled without a settled cancellation',
    `
    SELECT count(*) AS count FROM sessions s WHERE s.status = 'cancelled'
      AND NOT EXISTS (SELECT 1 FROM cancellations c WHERE c.session_key = s.key AND c.state = 'cancelled')`,
  ],
  [
    'sessions have no beginning in their timeline',
    `
    SELECT count(*) AS count FROM sessions s
    WHERE NOT EXISTS (SELECT 1 FROM session_events e WHERE e.session_key = s.key AND e.kind = 'tracked')`,
  ],
  [
    'stored counts differ from the number of rows',
    `
    SELECT count(*) AS count FROM (SELECT connection_id, status, source, count(*) AS n FROM sessions GROUP BY 1, 2, 3) t
      LEFT JOIN session_counts k USING (connection_id, status, source) WHERE k.sessions IS NOT t.n`,
  ],
];
