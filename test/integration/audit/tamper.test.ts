import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { AuditLog } from '../../../src-main/core/store/audit-chain/audit-log.ts';
import { macFields, deriveKeyId } from '../../../src-main/core/store/audit-chain/record-mac.ts';
import { AppError } from '../../../src-main/contract/index.ts';
import type { App, Keychain } from '../../../src-main/core/index.ts';
import { openTestApp } from '../../support/app.ts';
import {
  createAuditFixture,
  createOtherFilledAuditFixture,
  lastSequence,
  openFixture,
  addRecords,
  tamperWithFixture,
  createFilledAuditFixture,
  verifyFixture,
  type AuditFixture,
} from './audit-fixtures.ts';
import { fakeMessage } from '../../support/fake-messages.ts';

const columns = [...macFields, 'mac'].map((field) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
const columnsWithout = (...omitted: string[]) => columns.filter((column) => !omitted.includes(column)).join(', ');
/** Frees a sequence for an inserted record. */
const incrementSequencesFrom = (sequence: number) => [
  `UPDATE audit SET sequence = -sequence - 1 WHERE sequence >= ${sequence}`,
  'UPDATE audit SET sequence = -sequence WHERE sequence < 0',
];
const decrementSequencesFrom = (sequence: number) => [
  `UPDATE audit SET sequence = -sequence + 1 WHERE sequence > ${sequence}`,
  'UPDATE audit SET sequence = -sequence WHERE sequence < 0',
];
const insertSql = `INSERT INTO audit (${columns.join(', ')})`;
const copyRecordSql = (from: number, to: number) =>
  `${insertSql} SELECT ${to}, ${columnsWithout('sequence')} FROM audit WHERE sequence = ${from}`;
/** Links the forged record to its predecessor; only its MAC is wrong. */
const forgedRecordSql = (sequence: number) => {
  const values = columns.map(
    (column) => ({ sequence: String(sequence), previous_mac: 'mac', mac: `'${'f'.repeat(64)}'` })[column] ?? column,
  );
  return `${insertSql} SELECT ${values.join(', ')} FROM audit WHERE sequence = ${sequence - 1}`;
};
const swapRecordsSql = (a: number, b: number) => [
  `UPDATE audit SET sequence = -1 WHERE sequence = ${a}`,
  `UPDATE audit SET sequence = ${a} WHERE sequence = ${b}`,
  `UPDATE audit SET sequence = ${b} WHERE sequence = -1`,
];

const readHeadEntry = ({ keychain }: AuditFixture) =>
  [...keychain.entries].find(([account]) => account.includes('audit-head')) ?? ['', ''];

/**
 * Copies the database and its write-ahead log, as a killed process would leave them; returns a function to restore
 * them.
 */
function snapshotFiles({ file }: AuditFixture): () => void {
  const copies = [file, `${file}-wal`]
    .filter((path) => existsSync(path))
    .map((path) => [path, `${path}.${crypto.randomUUID()}`] as const);
  for (const [path, copy] of copies) copyFileSync(path, copy);
  return () => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
    for (const [path, copy] of copies) copyFileSync(copy, path);
  };
}

/** Appends valid records in this thread, so that fake timers set their time. */
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
  get: () => Promise.reject(new AppError('keychain_unavailable', fakeMessage('none'))),
  set: () => Promise.reject(new AppError('keychain_unavailable', fakeMessage('none'))),
  remove: () => Promise.reject(new AppError('keychain_unavailable', fakeMessage('none'))),
};

it('verification: an untouched log is intact, also after a verification was recorded', async () => {
  const fixture = await createFilledAuditFixture();
  expect(await verifyFixture(fixture)).toMatchObject({
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
  // The record of the verification verifies as well.
  expect(await verifyFixture(fixture)).toMatchObject({ result: 'intact', checked: lastSequence + 3 });
});

describe('verification after a field was changed', () => {
  let fixture: AuditFixture;
  let app: App;
  beforeAll(async () => {
    fixture = await createFilledAuditFixture();
    app = await openFixture(fixture);
    tamperWithFixture(fixture, 'CREATE TABLE original AS SELECT * FROM audit WHERE sequence = 7');
  });
  afterEach(() =>
    tamperWithFixture(
      fixture,
      'DELETE FROM audit WHERE sequence IN (7, 999)',
      'INSERT INTO audit SELECT * FROM original',
    ),
  );
  afterAll(() => app.close());

  it.each(columns.map((column) => [column, column === 'sequence' ? 'reordered' : 'altered'] as const))(
    'tampering: a changed %s is found and classified as %s',
    async (column, kind) => {
      const isNumber = ['sequence', 'session_key', 'duration_ms'].includes(column);
      const value = isNumber ? 999 : `'${'e'.repeat(64)}'`;
      tamperWithFixture(fixture, `UPDATE audit SET ${column} = ${value} WHERE sequence = 7`);
      expect(await app.handlers['audit.verify']({})).toMatchObject({
        result: 'damaged',
        damages: [{ kind, sequence: 7 }],
      });
    },
  );

  it('tampering: an integer that JavaScript cannot represent is found', async () => {
    tamperWithFixture(fixture, 'UPDATE audit SET session_key = 9223372036854775807 WHERE sequence = 7');
    expect((await app.handlers['audit.verify']({})).damages).toMatchObject([{ kind: 'altered', sequence: 7 }]);
  });

  it('tampering: a restored record is valid again', async () => {
    expect(await app.handlers['audit.verify']({})).toMatchObject({ result: 'intact', damages: [] });
  });
});

describe('verification after the first or the last record was changed', () => {
  it.each(['at', 'outcome', 'key_id', 'mac', 'previous_mac'])(
    'tampering: a changed %s of the last record is found',
    async (column) => {
      const fixture = await createFilledAuditFixture();
      tamperWithFixture(fixture, `UPDATE audit SET ${column} = 'x' WHERE sequence = ${lastSequence}`);
      expect((await verifyFixture(fixture)).damages[0]).toMatchObject({ kind: 'altered', sequence: lastSequence });
    },
  );

  it.each(['at', 'detail', 'mac'])('tampering: a changed %s of the first record is found', async (column) => {
    const fixture = await createFilledAuditFixture();
    tamperWithFixture(fixture, `UPDATE audit SET ${column} = 'x' WHERE sequence = 1`);
    expect((await verifyFixture(fixture)).damages[0]).toMatchObject({ kind: 'altered', sequence: 1 });
  });
});

describe('verification after rows were changed', () => {
  it.each<[string, string[], { kind: string; sequence: number }]>([
    ['the first record removed', ['DELETE FROM audit WHERE sequence = 1'], { kind: 'missing', sequence: 1 }],
    ['a record in the middle removed', ['DELETE FROM audit WHERE sequence = 7'], { kind: 'missing', sequence: 7 }],
    [
      'several records in the middle removed',
      ['DELETE FROM audit WHERE sequence BETWEEN 5 AND 9'],
      { kind: 'missing', sequence: 5 },
    ],
    [
      'a record removed and the others renumbered',
      ['DELETE FROM audit WHERE sequence = 7', ...decrementSequencesFrom(7)],
      { kind: 'missing', sequence: 7 },
    ],
    [
      'the first record removed and the others renumbered',
      ['DELETE FROM audit WHERE sequence = 1', ...decrementSequencesFrom(1)],
      { kind: 'missing', sequence: 1 },
    ],
    [
      'the last record removed',
      [`DELETE FROM audit WHERE sequence = ${lastSequence}`],
      { kind: 'tail_cut', sequence: lastSequence },
    ],
    [
      'the last five records removed',
      [`DELETE FROM audit WHERE sequence > ${lastSequence - 5}`],
      { kind: 'tail_cut', sequence: lastSequence - 4 },
    ],
    ['all records removed', ['DELETE FROM audit'], { kind: 'tail_cut', sequence: 1 }],
    ['two records swapped', swapRecordsSql(5, 9), { kind: 'reordered', sequence: 5 }],
    ['two adjacent records swapped', swapRecordsSql(5, 6), { kind: 'reordered', sequence: 5 }],
    [
      'a record moved to the end',
      [`UPDATE audit SET sequence = ${lastSequence + 1} WHERE sequence = 5`, ...decrementSequencesFrom(5)],
      { kind: 'reordered', sequence: 5 },
    ],
    [
      'a record duplicated after itself',
      [...incrementSequencesFrom(8), copyRecordSql(7, 8)],
      { kind: 'duplicated', sequence: 8 },
    ],
    [
      'a record duplicated at the end',
      [copyRecordSql(7, lastSequence + 1)],
      { kind: 'duplicated', sequence: lastSequence + 1 },
    ],
    ['a forged record inserted', [...incrementSequencesFrom(8), forgedRecordSql(8)], { kind: 'forged', sequence: 8 }],
    ['a forged record appended', [forgedRecordSql(lastSequence + 1)], { kind: 'forged', sequence: lastSequence + 1 }],
    [
      'two forged records appended',
      [forgedRecordSql(lastSequence + 1), forgedRecordSql(lastSequence + 2)],
      { kind: 'forged', sequence: lastSequence + 1 },
    ],
    [
      'a forged record inserted before the first',
      [`${insertSql} SELECT 0, ${columnsWithout('sequence')} FROM audit WHERE sequence = 3`],
      { kind: 'forged', sequence: 1 },
    ],
    [
      'records relabelled with another key id',
      ["UPDATE audit SET key_id = 'other', detail = 'changed' WHERE sequence BETWEEN 5 AND 9"],
      { kind: 'altered', sequence: 5 },
    ],
    [
      'the last records relabelled with another key id',
      [`UPDATE audit SET key_id = 'other', detail = 'changed' WHERE sequence > ${lastSequence - 2}`],
      { kind: 'altered', sequence: lastSequence - 1 },
    ],
  ])('tampering: %s is found and classified', async (_, statements, damage) => {
    const fixture = await createFilledAuditFixture();
    tamperWithFixture(fixture, ...statements);
    const result = await verifyFixture(fixture);
    expect(result.result).toBe('damaged');
    expect(result.damages[0]).toMatchObject(damage);
    // The next run reports the same damage.
    expect((await verifyFixture(fixture)).damages[0]).toMatchObject(damage);
  });

  it('tampering: records removed while the app runs are found, also after new records', async () => {
    const fixture = createAuditFixture();
    const app = await openFixture(fixture);
    await addRecords(app, 5);
    tamperWithFixture(fixture, 'DELETE FROM audit WHERE sequence > 5');
    expect((await app.handlers['audit.verify']({})).damages[0]).toMatchObject({ kind: 'tail_cut', sequence: 6 });
    await addRecords(app, 2);
    expect((await app.handlers['audit.verify']({})).damages[0]).toMatchObject({ kind: 'missing', sequence: 6 });
    await app.close();
  });
});

describe('verification after the database was replaced', () => {
  it('replaced database: an old copy is classified as rolled_back', async () => {
    const fixture = createAuditFixture();
    const first = await openFixture(fixture);
    await addRecords(first, 3);
    await first.close();
    const restore = snapshotFiles(fixture);
    const second = await openFixture(fixture);
    await addRecords(second, 3);
    await second.close();
    restore();
    expect((await verifyFixture(fixture)).damages[0]).toMatchObject({ kind: 'rolled_back', sequence: 6 });
  });

  it('replaced database: an old copy with other new records is classified as rolled_back', async () => {
    const fixture = await createFilledAuditFixture();
    const [account, head] = readHeadEntry(fixture);
    const restore = snapshotFiles(fixture);
    await verifyFixture(fixture);
    const newest = readHeadEntry(fixture)[1];
    restore();
    fixture.keychain.entries.set(account, head);
    const other = await openFixture(fixture);
    await addRecords(other, 4);
    await other.close();
    fixture.keychain.entries.set(account, newest);
    expect((await verifyFixture(fixture)).damages[0]).toMatchObject({
      kind: 'rolled_back',
      sequence: lastSequence + 2,
    });
  });

  it('replaced database: a deleted file is classified as replaced', async () => {
    const fixture = await createFilledAuditFixture();
    rmSync(fixture.file);
    expect((await verifyFixture(fixture)).damages[0]).toMatchObject({ kind: 'replaced', sequence: 1 });
  });

  it('replaced database: a file of another folder with the same key is classified as replaced', async () => {
    const fixture = await createFilledAuditFixture();
    const other = { ...createAuditFixture(), keychain: fixture.keychain };
    await verifyFixture(other);
    copyFileSync(other.file, fixture.file);
    expect((await verifyFixture(fixture)).damages[0]).toMatchObject({ kind: 'replaced', sequence: 1 });
  });

  it('replaced database: a file of another computer is classified as replaced and key_not_available', async () => {
    const [fixture, other] = [await createFilledAuditFixture(), await createOtherFilledAuditFixture()];
    copyFileSync(other.file, fixture.file);
    const result = await verifyFixture(fixture);
    expect(result.damages[0]).toMatchObject({ kind: 'replaced', sequence: 1 });
    expect(result.missingKeyRanges).toEqual([{ from: 1, to: lastSequence }]);
  });

  it('log head: a head that was removed from the keychain is classified as head_missing', async () => {
    const fixture = await createFilledAuditFixture();
    fixture.keychain.entries.delete(readHeadEntry(fixture)[0]);
    expect((await verifyFixture(fixture)).damages[0]).toMatchObject({ kind: 'head_missing', sequence: lastSequence });
  });
});

describe('verification without tampering', () => {
  it('no tampering: a second app on the same file is refused, and the log stays intact', async () => {
    const fixture = createAuditFixture();
    const first = await openFixture(fixture);
    const second = await openTestApp({ dataFolder: fixture.dataFolder, keychain: fixture.keychain });
    expect((await second.handlers['app.getState']({})).workspaceError).toMatchObject({ code: 'already_running' });
    await second.close();
    await addRecords(first, 3);
    expect((await first.handlers['audit.verify']({})).result).toBe('intact');
    await first.close();
  });

  it('no tampering: after a crash between a record and the save of the head, the log is intact', async () => {
    const fixture = createAuditFixture();
    const first = await openFixture(fixture);
    await addRecords(first, 3);
    await first.close();
    const [account, head] = readHeadEntry(fixture);
    const second = await openFixture(fixture);
    await addRecords(second, 5);
    await second.close();
    fixture.keychain.entries.set(account, head);
    expect(await verifyFixture(fixture)).toMatchObject({ result: 'intact', damages: [] });
  });

  it('no tampering: a clock that was set back is reported, and the log is intact', async () => {
    const fixture = await createFilledAuditFixture();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
    onTestFinished(() => void vi.useRealTimers());
    appendSignedRecords(fixture, 2);
    vi.useRealTimers();
    expect(await verifyFixture(fixture)).toMatchObject({
      result: 'intact',
      damages: [],
      verified: lastSequence + 3,
      clockRegressions: { count: 1, firstSequence: lastSequence + 1 },
    });
  });

  it('no tampering: after a crash before the first save of the head, the log is intact', async () => {
    const fixture = createAuditFixture();
    const app = await openFixture(fixture);
    const restore = snapshotFiles(fixture);
    const [account, head] = readHeadEntry(fixture);
    await app.close();
    restore();
    fixture.keychain.entries.set(account, head);
    expect(JSON.parse(head)).toMatchObject({ sequence: 0 });
    expect(await verifyFixture(fixture)).toMatchObject({ result: 'intact', damages: [] });
  });

  it('no tampering: after a crash during an unacknowledged write, the log is intact', async () => {
    const fixture = createAuditFixture();
    const app = await openFixture(fixture);
    await addRecords(app, 3);
    await app.handlers['audit.verify']({});
    const [account, head] = readHeadEntry(fixture);
    await addRecords(app, 2);
    const restore = snapshotFiles(fixture);
    await app.close();
    restore();
    truncateSync(`${fixture.file}-wal`, readFileSync(`${fixture.file}-wal`).length - 100);
    fixture.keychain.entries.set(account, head);
    expect(await verifyFixture(fixture)).toMatchObject({ result: 'intact', incompleteWrite: true, damages: [] });
  });

  it('incomplete write: if the head covers the lost records, the log is classified as rolled_back', async () => {
    const fixture = createAuditFixture();
    const app = await openFixture(fixture);
    await addRecords(app, 3);
    await app.handlers['audit.verify']({});
    const restore = snapshotFiles(fixture);
    await app.close();
    restore();
    truncateSync(`${fixture.file}-wal`, readFileSync(`${fixture.file}-wal`).length - 100);
    const result = await verifyFixture(fixture);
    expect(result).toMatchObject({ result: 'damaged', incompleteWrite: true });
    expect(result.damages[0]?.kind).toBe('rolled_back');
  });
});

describe('verification without the audit key', () => {
  it.each([
    ['lost', (fixture: AuditFixture) => fixture.keychain.entries.delete('work/audit-key'), 'key_replaced'],
    [
      'replaced',
      (fixture: AuditFixture) => fixture.keychain.entries.set('work/audit-key', Buffer.alloc(32, 9).toString('base64')),
      'key_returned',
    ],
    ['unreadable', (fixture: AuditFixture) => fixture.keychain.entries.set('work/audit-key', 'short'), 'key_replaced'],
  ])('audit key %s: a new epoch begins, and older records are key_not_available', async (_, changeKey, outcome) => {
    const fixture = await createFilledAuditFixture();
    changeKey(fixture);
    const app = await openFixture(fixture);
    const result = await app.handlers['audit.verify']({});
    expect(result).toMatchObject({
      result: 'key_not_available',
      missingKeyRanges: [{ from: 1, to: lastSequence }],
      damages: [],
      verified: 2,
    });
    const { rows } = await app.handlers['audit.list']({ before: lastSequence + 2, limit: 1 });
    expect(rows[0]).toMatchObject({ action: 'audit_epoch_began', outcome });
    await app.close();
  });

  it('audit key lost: a truncated log is still classified as tail_cut', async () => {
    const fixture = await createFilledAuditFixture();
    fixture.keychain.entries.delete('work/audit-key');
    tamperWithFixture(fixture, `DELETE FROM audit WHERE sequence > ${lastSequence - 3}`);
    expect((await verifyFixture(fixture)).damages[0]).toMatchObject({ kind: 'tail_cut', sequence: lastSequence - 2 });
  });

  it('no keychain for one run: the records of that run are not verified, those before and after are', async () => {
    const fixture = await createFilledAuditFixture();
    const appWithoutKeychain = await openFixture({ ...fixture, keychain: noKeychain });
    expect(await appWithoutKeychain.handlers['audit.verify']({})).toMatchObject({
      result: 'key_not_available',
      missingKeyRanges: [{ from: 1, to: lastSequence }],
      head: { location: 'memory' },
    });
    await appWithoutKeychain.close();
    const result = await verifyFixture(fixture);
    expect(result).toMatchObject({
      result: 'key_not_available',
      damages: [],
      missingKeyRanges: [{ from: lastSequence + 1, to: lastSequence + 3 }],
      verified: lastSequence + 2,
    });
  });

  it('no keychain for one run: records of the stored key cannot be relabelled as records of that run', async () => {
    const fixture = await createFilledAuditFixture();
    await (await openFixture({ ...fixture, keychain: noKeychain })).close();
    tamperWithFixture(
      fixture,
      `UPDATE audit SET key_id = 'other', detail = 'changed' WHERE sequence = ${lastSequence}`,
    );
    expect((await verifyFixture(fixture)).damages[0]).toMatchObject({ kind: 'altered', sequence: lastSequence });
  });
});

it('log head: the keychain is at most 64 records behind, and has the last record after the app closed', async () => {
  const fixture = createAuditFixture();
  const app = await openFixture(fixture);
  await Promise.all(Array.from({ length: 70 }, () => addRecords(app, 1)));
  const saved = JSON.parse(readHeadEntry(fixture)[1] || '{"sequence":0}') as { sequence: number };
  expect(saved.sequence).toBeGreaterThanOrEqual(8);
  await app.close();
  const database = new DatabaseSync(fixture.file, { readOnly: true });
  const last = database.prepare('SELECT sequence, mac FROM audit ORDER BY sequence DESC LIMIT 1').get();
  database.close();
  expect(JSON.parse(readHeadEntry(fixture)[1])).toMatchObject({ ...last });
});
