import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AuditLog } from '../../../src-main/core/store/audit-chain/audit-log.ts';
import { macFields, deriveKeyId } from '../../../src-main/core/store/audit-chain/record-mac.ts';
import { AppError } from '../../../src-main/contract/index.ts';
import type { Keychain } from '../../../src-main/core/index.ts';
import { openTestApp } from '../../support/app.ts';
import {
  createAuditFixture,
  lastSequence,
  openFixture,
  addRecords,
  tamperWithFile,
  createFilledAuditFixture,
  verifyFixture,
  type AuditFixture,
} from './audit-fixtures.ts';

const columns = [...macFields, 'mac'].map((field) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
const columnsWithout = (...left: string[]) => columns.filter((column) => !left.includes(column)).join(', ');
/** Makes room for a record at a place. */
const incrementSequencesFrom = (sequence: number) => [
  `UPDATE audit SET sequence = -sequence - 1 WHERE sequence >= ${sequence}`,
  'UPDATE audit SET sequence = -sequence WHERE sequence < 0',
];
const decrementSequencesFrom = (sequence: number) => [
  `UPDATE audit SET sequence = -sequence + 1 WHERE sequence > ${sequence}`,
  'UPDATE audit SET sequence = -sequence WHERE sequence < 0',
];
const copyRecordSql = (from: number, to: number) =>
  `INSERT INTO audit (${columns.join(', ')}) SELECT ${to}, ${columnsWithout('sequence')} FROM audit WHERE sequence = ${from}`;
/** Linked to the record before it, as only its MAC would tell. */
const forgedRecordSql = (sequence: number) => {
  const values = columns.map(
    (column) => ({ sequence: String(sequence), previous_mac: 'mac', mac: `'${'f'.repeat(64)}'` })[column] ?? column,
  );
  return `INSERT INTO audit (${columns.join(', ')}) SELECT ${values.join(', ')} FROM audit WHERE sequence = ${sequence - 1}`;
};
const swapRecordsSql = (one: number, other: number) => [
  `UPDATE audit SET sequence = -1 WHERE sequence = ${one}`,
  `UPDATE audit SET sequence = ${one} WHERE sequence = ${other}`,
  `UPDATE audit SET sequence = ${other} WHERE sequence = -1`,
];

const readHeadEntry = ({ keychain }: AuditFixture) =>
  [...keychain.entries].find(([account]) => account.includes('audit-head')) ?? ['', ''];

/** The database with its write-ahead log, as a killed process would leave them. */
function snapshotFiles({ file }: AuditFixture): () => void {
  const parts = [file, `${file}-wal`]
    .filter((path) => existsSync(path))
    .map((path) => [path, `${path}.${crypto.randomUUID()}`] as const);
  for (const [path, copy] of parts) copyFileSync(path, copy);
  return () => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
    for (const [path, copy] of parts) copyFileSync(copy, path);
  };
}

/** The console's own log over the console's own file, under this thread's clock. */
function appendSignedRecords({ file, keychain }: AuditFixture, count: number): void {
  const key = Buffer.from(keychain.entries.get('work/audit-key') ?? '', 'base64');
  const database = new DatabaseSync(file);
  const log = new AuditLog(database, { operator: 'olivia', host: 'desk-7', key, keyId: deriveKeyId(key) });
  database.exec('BEGIN IMMEDIATE');
  for (let number = 0; number < count; number += 1) log.append({ action: 'session_checked' });
  log.saveTail();
  database.exec('COMMIT');
  database.close();
}

const noKeychain: Keychain = {
  get: () => Promise.reject(new AppError('keychain_unavailable', 'none')),
  set: () => Promise.reject(new AppError('keychain_unavailable', 'none')),
  remove: () => Promise.reject(new AppError('keychain_unavailable', 'none')),
};

it('a log that nobody touched is intact, whatever was done in between', async () => {
  const bench = await createFilledAuditFixture();
  expect(await verifyFixture(bench)).toMatchObject({
    result: 'intact',
    checked: lastSequence + 1,
    verified: lastSequence + 1,
    damages: [],
    missingKeyRanges: [],
    recordsAfterHead: 0,
    incompleteWrite: false,
    clockRegressions: null,
    head: { sequence: lastSequence + 1, location: 'keychain' },
  });
  // The verification itself is a record, and it is fine too.
  expect(await verifyFixture(bench)).toMatchObject({ result: 'intact', checked: lastSequence + 3 });
});

describe('a change of one field of a record is found and named', () => {
  it.each(columns.map((column) => [column, column === 'sequence' ? 'reordered' : 'altered'] as const))(
    '%s: %s',
    async (column, kind) => {
      const bench = await createFilledAuditFixture();
      const number = ['sequence', 'session_key', 'duration_ms'].includes(column);
      tamperWithFile(bench, `UPDATE audit SET ${column} = ${number ? 999 : `'${'e'.repeat(64)}'`} WHERE sequence = 7`);
      expect(await verifyFixture(bench)).toMatchObject({ result: 'damaged', damages: [{ kind, sequence: 7 }] });
    },
  );

  it.each(['at', 'outcome', 'key_id', 'mac', 'previous_mac'])('%s of the very last record', async (column) => {
    const bench = await createFilledAuditFixture();
    tamperWithFile(bench, `UPDATE audit SET ${column} = 'x' WHERE sequence = ${lastSequence}`);
    expect((await verifyFixture(bench)).damages[0]).toMatchObject({ kind: 'altered', sequence: lastSequence });
  });

  it.each(['at', 'detail', 'mac'])('%s of the first record', async (column) => {
    const bench = await createFilledAuditFixture();
    tamperWithFile(bench, `UPDATE audit SET ${column} = 'x' WHERE sequence = 1`);
    expect((await verifyFixture(bench)).damages[0]).toMatchObject({ kind: 'altered', sequence: 1 });
  });

  it('a number no program of ours could have written', async () => {
    const bench = await createFilledAuditFixture();
    tamperWithFile(bench, 'UPDATE audit SET session_key = 9223372036854775807 WHERE sequence = 7');
    expect((await verifyFixture(bench)).damages).toMatchObject([{ kind: 'altered', sequence: 7 }]);
  });
});

describe('what was done to the rows is found and named', () => {
  it.each<[string, string[], { kind: string; sequence: number }]>([
    ['the first record removed', ['DELETE FROM audit WHERE sequence = 1'], { kind: 'missing', sequence: 1 }],
    ['a record in the middle removed', ['DELETE FROM audit WHERE sequence = 7'], { kind: 'missing', sequence: 7 }],
    [
      'several in the middle removed',
      ['DELETE FROM audit WHERE sequence BETWEEN 5 AND 9'],
      { kind: 'missing', sequence: 5 },
    ],
    [
      'one removed and the numbers closed up',
      ['DELETE FROM audit WHERE sequence = 7', ...decrementSequencesFrom(7)],
      { kind: 'missing', sequence: 7 },
    ],
    [
      'the first removed and the numbers closed up',
      ['DELETE FROM audit WHERE sequence = 1', ...decrementSequencesFrom(1)],
      { kind: 'missing', sequence: 1 },
    ],
    [
      'the last record removed',
      [`DELETE FROM audit WHERE sequence = ${lastSequence}`],
      { kind: 'tail_cut', sequence: lastSequence },
    ],
    [
      'the last five removed',
      [`DELETE FROM audit WHERE sequence > ${lastSequence - 5}`],
      { kind: 'tail_cut', sequence: lastSequence - 4 },
    ],
    ['all records removed', ['DELETE FROM audit'], { kind: 'tail_cut', sequence: 1 }],
    ['two records swapped', swapRecordsSql(5, 9), { kind: 'reordered', sequence: 5 }],
    ['two neighbours swapped', swapRecordsSql(5, 6), { kind: 'reordered', sequence: 5 }],
    [
      'a record moved to the end',
      [`UPDATE audit SET sequence = ${lastSequence + 1} WHERE sequence = 5`, ...decrementSequencesFrom(5)],
      { kind: 'reordered', sequence: 5 },
    ],
    [
      'a record doubled behind itself',
      [...incrementSequencesFrom(8), copyRecordSql(7, 8)],
      { kind: 'duplicated', sequence: 8 },
    ],
    [
      'a record doubled at the end',
      [copyRecordSql(7, lastSequence + 1)],
      { kind: 'duplicated', sequence: lastSequence + 1 },
    ],
    ['a forged record put in', [...incrementSequencesFrom(8), forgedRecordSql(8)], { kind: 'forged', sequence: 8 }],
    [
      'a forged record put at the end',
      [forgedRecordSql(lastSequence + 1)],
      { kind: 'forged', sequence: lastSequence + 1 },
    ],
    [
      'forged records put at the end',
      [forgedRecordSql(lastSequence + 1), forgedRecordSql(lastSequence + 2)],
      { kind: 'forged', sequence: lastSequence + 1 },
    ],
    [
      'a forged record put before the first',
      [
        `INSERT INTO audit (${columns.join(', ')}) SELECT 0, ${columnsWithout('sequence')} FROM audit WHERE sequence = 3`,
      ],
      { kind: 'forged', sequence: 1 },
    ],
    [
      'records passed off as another key’s',
      ["UPDATE audit SET key_id = 'other', detail = 'changed' WHERE sequence BETWEEN 5 AND 9"],
      { kind: 'altered', sequence: 5 },
    ],
    [
      'the end passed off as another key’s',
      [`UPDATE audit SET key_id = 'other', detail = 'changed' WHERE sequence > ${lastSequence - 2}`],
      { kind: 'altered', sequence: lastSequence - 1 },
    ],
  ])('%s', async (_, statements, damage) => {
    const bench = await createFilledAuditFixture();
    tamperWithFile(bench, ...statements);
    const verdict = await verifyFixture(bench);
    expect(verdict.result).toBe('damaged');
    expect(verdict.damages[0]).toMatchObject(damage);
    // It is not forgotten: the next run says the same.
    expect((await verifyFixture(bench)).damages[0]).toMatchObject(damage);
  });

  it('removed under a running console: the records that follow do not cover it up', async () => {
    const bench = createAuditFixture();
    const app = await openFixture(bench);
    await addRecords(app, 5);
    tamperWithFile(bench, 'DELETE FROM audit WHERE sequence > 5');
    expect((await app.handlers['audit.verify']({})).damages[0]).toMatchObject({ kind: 'tail_cut', sequence: 6 });
    await addRecords(app, 2);
    expect((await app.handlers['audit.verify']({})).damages[0]).toMatchObject({ kind: 'missing', sequence: 6 });
    await app.close();
  });
});

describe('a file put in the place of the log is found and named', () => {
  it('an old copy', async () => {
    const bench = createAuditFixture();
    const first = await openFixture(bench);
    await addRecords(first, 3);
    await first.close();
    const restore = snapshotFiles(bench);
    const second = await openFixture(bench);
    await addRecords(second, 3);
    await second.close();
    restore();
    expect((await verifyFixture(bench)).damages[0]).toMatchObject({ kind: 'rolled_back', sequence: 6 });
  });

  it('an old copy that was carried on elsewhere', async () => {
    const bench = await createFilledAuditFixture();
    const [account, head] = readHeadEntry(bench);
    const restore = snapshotFiles(bench);
    await verifyFixture(bench);
    const newest = readHeadEntry(bench)[1];
    restore();
    bench.keychain.entries.set(account, head);
    const other = await openFixture(bench);
    await addRecords(other, 4);
    await other.close();
    bench.keychain.entries.set(account, newest);
    expect((await verifyFixture(bench)).damages[0]).toMatchObject({ kind: 'rolled_back', sequence: lastSequence + 2 });
  });

  it('no file at all', async () => {
    const bench = await createFilledAuditFixture();
    rmSync(bench.file);
    expect((await verifyFixture(bench)).damages[0]).toMatchObject({ kind: 'replaced', sequence: 1 });
  });

  it('the file of another folder, made with the same key', async () => {
    const bench = await createFilledAuditFixture();
    const other = { ...createAuditFixture(), keychain: bench.keychain };
    await verifyFixture(other);
    copyFileSync(other.file, bench.file);
    expect((await verifyFixture(bench)).damages[0]).toMatchObject({ kind: 'replaced', sequence: 1 });
  });

  it('the file of another computer', async () => {
    const [bench, other] = [await createFilledAuditFixture(), await createFilledAuditFixture()];
    copyFileSync(other.file, bench.file);
    const verdict = await verifyFixture(bench);
    expect(verdict.damages[0]).toMatchObject({ kind: 'replaced', sequence: 1 });
    expect(verdict.missingKeyRanges).toEqual([{ from: 1, to: lastSequence }]);
  });

  it('a head that was removed from the keychain', async () => {
    const bench = await createFilledAuditFixture();
    bench.keychain.entries.delete(readHeadEntry(bench)[0]);
    expect((await verifyFixture(bench)).damages[0]).toMatchObject({ kind: 'head_missing', sequence: lastSequence });
  });
});

describe('what is not tampering is not called so', () => {
  it('a second console on the same file is refused, and the log stays whole', async () => {
    const bench = createAuditFixture();
    const first = await openFixture(bench);
    const second = await openTestApp({ dataFolder: bench.dataFolder, keychain: bench.keychain });
    expect((await second.handlers['app.state']({})).workspaceError).toMatchObject({ code: 'already_running' });
    await second.close();
    await addRecords(first, 3);
    expect((await first.handlers['audit.verify']({})).result).toBe('intact');
    await first.close();
  });

  it('a crash between a record and the renewal of the head', async () => {
    const bench = createAuditFixture();
    const first = await openFixture(bench);
    await addRecords(first, 3);
    await first.close();
    const [account, head] = readHeadEntry(bench);
    const second = await openFixture(bench);
    await addRecords(second, 5);
    await second.close();
    bench.keychain.entries.set(account, head);
    expect(await verifyFixture(bench)).toMatchObject({ result: 'intact', damages: [] });
  });

  it('a clock that was set back between two records: it is said, and nothing is called damaged', async () => {
    const bench = await createFilledAuditFixture();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
    onTestFinished(() => void vi.useRealTimers());
    appendSignedRecords(bench, 2);
    vi.useRealTimers();
    expect(await verifyFixture(bench)).toMatchObject({
      result: 'intact',
      damages: [],
      verified: lastSequence + 3,
      clockRegressions: { count: 1, firstSequence: lastSequence + 1 },
    });
  });

  it('a crash before the head was ever renewed', async () => {
    const bench = createAuditFixture();
    const app = await openFixture(bench);
    const restore = snapshotFiles(bench);
    const [account, head] = readHeadEntry(bench);
    await app.close();
    restore();
    bench.keychain.entries.set(account, head);
    expect(JSON.parse(head)).toMatchObject({ sequence: 0 });
    expect(await verifyFixture(bench)).toMatchObject({ result: 'intact', damages: [] });
  });

  it('a crash in the middle of a write, which was promised to nobody', async () => {
    const bench = createAuditFixture();
    const app = await openFixture(bench);
    await addRecords(app, 3);
    await app.handlers['audit.verify']({});
    const [account, head] = readHeadEntry(bench);
    await addRecords(app, 2);
    const restore = snapshotFiles(bench);
    await app.close();
    restore();
    truncateSync(`${bench.file}-wal`, readFileSync(`${bench.file}-wal`).length - 100);
    bench.keychain.entries.set(account, head);
    expect(await verifyFixture(bench)).toMatchObject({ result: 'intact', incompleteWrite: true, damages: [] });
  });

  it('but a torn write that the head knows better about is a loss, and both are said', async () => {
    const bench = createAuditFixture();
    const app = await openFixture(bench);
    await addRecords(app, 3);
    await app.handlers['audit.verify']({});
    const restore = snapshotFiles(bench);
    await app.close();
    restore();
    truncateSync(`${bench.file}-wal`, readFileSync(`${bench.file}-wal`).length - 100);
    const verdict = await verifyFixture(bench);
    expect(verdict).toMatchObject({ result: 'damaged', incompleteWrite: true });
    expect(verdict.damages[0]?.kind).toBe('rolled_back');
  });
});

describe('a key that is gone', () => {
  it.each([
    ['lost', (bench: AuditFixture) => bench.keychain.entries.delete('work/audit-key'), 'key_replaced'],
    [
      'replaced',
      (bench: AuditFixture) => bench.keychain.entries.set('work/audit-key', Buffer.alloc(32, 9).toString('base64')),
      'key_returned',
    ],
    ['made unreadable', (bench: AuditFixture) => bench.keychain.entries.set('work/audit-key', 'short'), 'key_replaced'],
  ])('%s: a new epoch begins, and the older part is never called fine', async (_, lose, outcome) => {
    const bench = await createFilledAuditFixture();
    lose(bench);
    const app = await openFixture(bench);
    const verdict = await app.handlers['audit.verify']({});
    expect(verdict).toMatchObject({
      result: 'key_not_available',
      missingKeyRanges: [{ from: 1, to: lastSequence }],
      damages: [],
      verified: 2,
    });
    const { rows } = await app.handlers['audit.page']({ before: lastSequence + 2, limit: 1 });
    expect(rows[0]).toMatchObject({ action: 'audit_epoch_began', outcome });
    await app.close();
  });

  it('is lost, and the tail with it: both are said', async () => {
    const bench = await createFilledAuditFixture();
    bench.keychain.entries.delete('work/audit-key');
    tamperWithFile(bench, `DELETE FROM audit WHERE sequence > ${lastSequence - 3}`);
    expect((await verifyFixture(bench)).damages[0]).toMatchObject({ kind: 'tail_cut', sequence: lastSequence - 2 });
  });

  it('for a run without a keychain: that stretch is not vouched for, before and after it are', async () => {
    const bench = await createFilledAuditFixture();
    const without = await openFixture({ ...bench, keychain: noKeychain });
    expect(await without.handlers['audit.verify']({})).toMatchObject({
      result: 'key_not_available',
      missingKeyRanges: [{ from: 1, to: lastSequence }],
      head: { location: 'memory' },
    });
    await without.close();
    const verdict = await verifyFixture(bench);
    expect(verdict).toMatchObject({
      result: 'key_not_available',
      damages: [],
      missingKeyRanges: [{ from: lastSequence + 1, to: lastSequence + 3 }],
      verified: lastSequence + 2,
    });
  });

  it('does not let records of ours be passed off as those of a run without a keychain', async () => {
    const bench = await createFilledAuditFixture();
    await (await openFixture({ ...bench, keychain: noKeychain })).close();
    tamperWithFile(bench, `UPDATE audit SET key_id = 'other', detail = 'changed' WHERE sequence = ${lastSequence}`);
    expect((await verifyFixture(bench)).damages[0]).toMatchObject({ kind: 'altered', sequence: lastSequence });
  });
});

it('keeps the keychain’s copy of the head in step: at most 64 records behind, within a second, and at the end', async () => {
  const bench = createAuditFixture();
  const app = await openFixture(bench);
  await Promise.all(Array.from({ length: 70 }, () => addRecords(app, 1)));
  const known = JSON.parse(readHeadEntry(bench)[1] || '{"sequence":0}') as { sequence: number };
  expect(known.sequence).toBeGreaterThanOrEqual(8);
  await app.close();
  const database = new DatabaseSync(bench.file, { readOnly: true });
  const last = database.prepare('SELECT sequence, mac FROM audit ORDER BY sequence DESC LIMIT 1').get();
  database.close();
  expect(JSON.parse(readHeadEntry(bench)[1])).toMatchObject({ ...last });
});
