/**
 * Opens a workspace that Session Desk 0.1 wrote (database format 8) with today's code.
 *
 * The code of commit 1092afe wrote `fixtures/workspace-0.1` through the handlers of an app in a temporary folder,
 * against the simulator. The script added three connections and removed one, changed settings and a rate limit,
 * imported sessions, wrote notes, cancelled sessions, created four plans (two finished batches, one discarded plan, one
 * interrupted batch), ran three feeds (one rejected a line, one failed, one rejected a file), removed old sessions,
 * exported the sessions and the audit log, and verified the audit log. Then it vacuumed the database and checkpointed
 * the write-ahead log. `keychain.json` holds the keychain entries. Every secret in it is a practice value.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  batchInputs,
  calls,
  type CoreCallName,
  type CallOutput,
  type ParsedInput,
} from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import { createTempFolder, memoryKeychain, openTestApp, sessionPageInput, textDetail } from '../../support/app.ts';

const verifyAuditProgram = fileURLToPath(new URL('../../../src-main/verify-audit.ts', import.meta.url));
const fixtureFolder = new URL('fixtures/workspace-0.1/', import.meta.url);
const storedRecords = 79;
let app: App;
let keychain: ReturnType<typeof memoryKeychain>;

beforeEach(async () => {
  const dataFolder = createTempFolder();
  const folder = join(dataFolder, 'work');
  mkdirSync(folder);
  copyFileSync(new URL('desk.sqlite', fixtureFolder), join(folder, 'desk.sqlite'));
  const { 'audit-head': head, ...entries } = JSON.parse(
    readFileSync(new URL('keychain.json', fixtureFolder), 'utf8'),
  ) as Record<string, string>;
  // The account of the log head contains a digest of the folder, which differs for each copy.
  const folderDigest = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 16);
  keychain = memoryKeychain(new Map([...Object.entries(entries), [`work/audit-head-${folderDigest}`, head ?? '']]));
  app = await openTestApp({ dataFolder, keychain });
});
afterEach(() => app.close());

/** Calls the handler and checks its output against the contract. */
async function call<Name extends CoreCallName>(name: Name, input: ParsedInput<Name>): Promise<CallOutput<Name>> {
  const output = await app.handlers[name](input);
  return calls[name].output.parse(output) as CallOutput<Name>;
}

const findBatches = async () => (await call('batches.list', { before: null, limit: 20 })).rows;

describe('a workspace of version 0.1', () => {
  it('workspace 0.1: the audit log is intact after the new version opened it', async () => {
    const result = await call('audit.verify', {});
    expect(result).toMatchObject({ result: 'intact', damages: [], missingKeyRanges: [], incompleteWrite: false });
    expect(result.head.location).toBe('keychain');
    expect(result.checked).toBe(result.verified);
    expect(result.checked).toBeGreaterThan(storedRecords);
    const { rows } = await call('audit.list', { before: null, limit: 200 });
    // Opening found no damage, and the stored key still belongs to the log.
    expect(rows.filter(({ sequence }) => sequence > storedRecords).map(({ action }) => action)).toEqual([
      'audit_verified',
      'workspace_opened',
    ]);
    expect(rows.at(-1)).toMatchObject({ sequence: 1, action: 'audit_epoch_began', outcome: 'first_key' });
    expect(rows.find(({ action }) => action === 'pace_changed')).toMatchObject({ connectionName: 'Flinks CA' });
  });

  it('workspace 0.1: prose details are shown and exported as they were stored, and the export verifies', async () => {
    const { rows } = await call('audit.list', { before: null, limit: 200 });
    const detailsOf = (action: string) => rows.filter((row) => row.action === action).map(({ detail }) => detail);
    expect(detailsOf('pace_changed')).toEqual([textDetail('20 a second, 3 at the same time')]);
    expect(detailsOf('workspace_opened').at(0)).toMatchObject({ kind: 'workspace', workspace: 'work' });
    expect(detailsOf('workspace_opened').at(-1)).toEqual(textDetail('work, version 0.1.0'));
    const { file } = await call('audit.export', { format: 'jsonl', filter: undefined });
    const exported = readFileSync(file, 'utf8');
    expect(exported).toContain('"detail":"20 a second, 3 at the same time"');
    expect(exported).toContain('"detail":{"kind":"workspace","workspace":"work","version":');
    const key = keychain.entries.get('work/audit-key') ?? '';
    expect(spawnSync(process.execPath, [verifyAuditProgram, file], { input: key }).status).toBe(0);
    const { file: csvFile } = await call('audit.export', { format: 'csv', filter: undefined });
    const csv = readFileSync(csvFile, 'utf8');
    for (const text of ['"20 a second, 3 at the same time"', '"workspace Work, version ']) expect(csv).toContain(text);
  });

  it('workspace 0.1: the interrupted batch resumes, because its recorded confirmation is read as prose', async () => {
    const [batch] = await findBatches();
    const batchId = batch?.id ?? '';
    expect(await call('batches.resume', { batchId })).toMatchObject({ number: 4, state: 'running' });
    expect(await call('batches.stop', { batchId })).toMatchObject({ state: expect.stringMatching(/^stopp/) as string });
  });

  it('workspace 0.1: a new record continues the chain and verifies', async () => {
    const [session] = (await call('sessions.list', sessionPageInput())).rows;
    await call('sessions.setNote', { sessionKey: session?.key ?? 0, note: 'Written by the new version.' });
    const [newest] = (await call('audit.list', { before: null, limit: 1 })).rows;
    expect(newest).toMatchObject({ action: 'session_noted', operator: 'Olivia Martin (olivia)' });
    const chain = await call('audit.get', { sequence: newest?.sequence ?? 0 });
    expect(chain).toMatchObject({ macStatus: 'valid', previous: { link: 'intact' }, next: { link: 'none' } });
    expect(await call('audit.verify', {})).toMatchObject({ result: 'intact', checked: newest?.sequence });
  });

  it('workspace 0.1: sessions are read with their notes, statuses and details', async () => {
    const { rows } = await call('sessions.list', sessionPageInput());
    expect(rows).toHaveLength(17);
    const noted = rows.find(({ note }) => note !== null);
    expect(noted).toMatchObject({
      note: 'Customer called twice about this order.',
      status: 'cancelled',
      currency: 'CAD',
    });
    const { timeline } = await call('sessions.getDetails', { sessionKey: noted?.key ?? 0 });
    expect(timeline.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['tracked', 'note', 'cancellation']));
    expect(await call('sessions.list', sessionPageInput({ search: 'called twice' }))).toMatchObject({
      rows: [{ key: noted?.key }],
    });
    expect(await call('views.list', {})).toMatchObject([{ name: 'Active at Flinks' }]);
  });

  it('workspace 0.1: batches keep their states, items and plan summaries', async () => {
    const batches = await findBatches();
    expect(batches.map(({ number, state }) => [number, state])).toEqual([
      [4, 'interrupted'],
      [3, 'finished'],
      [2, 'discarded'],
      [1, 'finished'],
    ]);
    const [interrupted, , , finished] = batches;
    const summary = await call('batches.getSummary', { batchId: finished?.id ?? '' });
    expect(summary.connections).toMatchObject([
      { name: 'Flinks CA', sessions: 4, asked: 3 },
      { name: 'Xendit ID', sessions: 1, asked: 1 },
    ]);
    expect(summary.amounts).toHaveLength(2);
    const { rows } = await call('batches.listItems', batchInputs.listItems.parse({ batchId: finished?.id, limit: 10 }));
    expect(rows.map(({ eligibility, outcome }) => [eligibility, outcome]).sort()).toEqual([
      ['already_final', 'left_out'],
      ['will_cancel', 'cancelled'],
      ['will_cancel', 'cancelled'],
      ['will_cancel', 'cancelled'],
      ['will_cancel', 'cancelled'],
    ]);
    expect(interrupted).toMatchObject({ outcomeCounts: { waiting: 3 } });
  });

  it('workspace 0.1: feeds keep the counts and problems of their last runs', async () => {
    const feeds = await call('feeds.list', {});
    expect(feeds.map(({ name, lastError }) => [name, lastError?.message ?? null])).toEqual([
      ['Shop', null],
      ['Broken', '127.0.0.1:45161 answered HTTP 503. The next run tries again.'],
      ['Exports', 'b.csv, line 1: No column is known to hold the session id. Choose which one does: colour, taste.'],
    ]);
    expect(feeds[0]).toMatchObject({ hasSecret: true, nextRunAt: null });
    expect(feeds[0]?.lastCounts?.firstProblem?.message).toBe('Page 1, session 3, id: The session id is missing.');
  });

  it('workspace 0.1: settings, connections and rate limits are unchanged', async () => {
    expect(await call('settings.get', {})).toEqual({
      operator: { osUser: 'olivia', name: 'Olivia Martin' },
      reasons: ['Customer asked', 'Duplicate payment', 'Campaign ended'],
      typedCountThreshold: 10,
      singleKeyShortcutsEnabled: false,
      isHiddenFromRecordings: false,
    });
    const connections = await call('connections.list', {});
    expect(connections).toMatchObject([
      { name: 'Flinks CA', isLocked: false, credential: { state: 'stored' } },
      { name: 'Xendit ID', isLocked: true, credential: { state: 'stored' } },
    ]);
    expect(await call('rateLimits.list', {})).toMatchObject([
      { connectionId: connections[0]?.id, rateLimit: { perSecond: 20, maxInFlight: 3 } },
      { connectionId: connections[1]?.id, rateLimit: { perSecond: 1, maxInFlight: 4 } },
    ]);
  });
});
