import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AuditLog } from '../../../src-main/core/store/audit-chain/audit-log.ts';
import { coveredFields, keyIdOf } from '../../../src-main/core/store/audit-chain/record-mac.ts';
import { DeskError } from '../../../src-main/contract/index.ts';
import type { Keychain } from '../../../src-main/core/index.ts';
import { openTestDesk } from '../../support/app.ts';
import { freshBench, lastRecord, open, record, tamper, usedBench, verdictOf, type Bench } from './audit-fixtures.ts';

const columns = [...coveredFields, 'mac'].map((field) =>
  field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
);
const columnsBut = (...left: string[]) => columns.filter((column) => !left.includes(column)).join(', ');
/** Makes room for a record at a place. */
const shiftFrom = (sequence: number) => [
  `UPDATE audit SET sequence = -sequence - 1 WHERE sequence >= ${sequence}`,
  'UPDATE audit SET sequence = -sequence WHERE sequence < 0',
];
const closeUpFrom = (sequence: number) => [
  `UPDATE audit SET sequence = -sequence + 1 WHERE sequence > ${sequence}`,
  'UPDATE audit SET sequence = -sequence WHERE sequence < 0',
];
const copyOf = (from: number, to: number) =>
  `INSERT INTO audit (${columns.join(', ')}) SELECT ${to}, ${columnsBut('sequence')} FROM audit WHERE sequence = ${from}`;
/** Linked to the record before it, as only its MAC would tell. */
const forgedAt = (sequence: number) => {
  const values = columns.map(
    (column) => ({ sequence: String(sequence), previous_mac: 'mac', mac: `'${'f'.repeat(64)}'` })[column] ?? column,
  );
  return `INSERT INTO audit (${columns.join(', ')}) SELECT ${values.join(', ')} FROM audit WHERE sequence = ${sequence - 1}`;
};
const swap = (one: number, other: number) => [
  `UPDATE audit SET sequence = -1 WHERE sequence = ${one}`,
  `UPDATE audit SET sequence = ${one} WHERE sequence = ${other}`,
  `UPDATE audit SET sequence = ${other} WHERE sequence = -1`,
];

const headOf = ({ keychain }: Bench) =>
  [...keychain.entries].find(([account]) => account.includes('audit-head')) ?? ['', ''];

/** The database with its write-ahead log, as a killed process would leave them. */
function snapshot({ file }: Bench): () => void {
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
function appendAsTheConsole({ file, keychain }: Bench, count: number): void {
  const key = Buffer.from(keychain.entries.get('work/audit-key') ?? '', 'base64');
  const database = new DatabaseSync(file);
  const log = new AuditLog(database, { operator: 'olivia', host: 'desk-7', key, keyId: keyIdOf(key) });
  database.exec('BEGIN IMMEDIATE');
  for (let number = 0; number < count; number += 1) log.append({ action: 'session_checked' });
  log.noteTail();
  database.exec('COMMIT');
  database.close();
}

const noKeychain: Keychain = {
  get: () => Promise.reject(new DeskError('keychain_unavailable', 'none')),
  set: () => Promise.reject(new DeskError('keychain_unavailable', 'none')),
  remove: () => Promise.reject(new DeskError('keychain_unavailable', 'none')),
};

it('a log that nobody touched is intact, whatever was done in between', async () => {
  const bench = await usedBench();
  expect(await verdictOf(bench)).toMatchObject({
    verdict: 'intact',
    checked: lastRecord + 1,
    verified: lastRecord + 1,
    damages: [],
    keyNotAvailable: [],
    newerThanHead: 0,
    tornWrite: false,
    clockBack: null,
    head: { sequence: lastRecord + 1, place: 'keychain' },
  });
  // The verification itself is a record, and it is fine too.
  expect(await verdictOf(bench)).toMatchObject({ verdict: 'intact', checked: lastRecord + 3 });
});

describe('a change of one field of a record is found and named', () => {
  it.each(columns.map((column) => [column, column === 'sequence' ? 'reordered' : 'altered'] as const))(
    '%s: %s',
    async (column, kind) => {
      const bench = await usedBench();
      const number = ['sequence', 'session_key', 'duration_ms'].includes(column);
      tamper(bench, `UPDATE audit SET ${column} = ${number ? 999 : `'${'e'.repeat(64)}'`} WHERE sequence = 7`);
      expect(await verdictOf(bench)).toMatchObject({ verdict: 'damaged', damages: [{ kind, sequence: 7 }] });
    },
  );

  it.each(['at', 'outcome', 'key_id', 'mac', 'previous_mac'])('%s of the very last record', async (column) => {
    const bench = await usedBench();
    tamper(bench, `UPDATE audit SET ${column} = 'x' WHERE sequence = ${lastRecord}`);
    expect((await verdictOf(bench)).damages[0]).toMatchObject({ kind: 'altered', sequence: lastRecord });
  });

  it.each(['at', 'detail', 'mac'])('%s of the first record', async (column) => {
    const bench = await usedBench();
    tamper(bench, `UPDATE audit SET ${column} = 'x' WHERE sequence = 1`);
    expect((await verdictOf(bench)).damages[0]).toMatchObject({ kind: 'altered', sequence: 1 });
  });

  it('a number no program of ours could have written', async () => {
    const bench = await usedBench();
    tamper(bench, 'UPDATE audit SET session_key = 9223372036854775807 WHERE sequence = 7');
    expect((await verdictOf(bench)).damages).toMatchObject([{ kind: 'altered', sequence: 7 }]);
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
      ['DELETE FROM audit WHERE sequence = 7', ...closeUpFrom(7)],
      { kind: 'missing', sequence: 7 },
    ],
    [
      'the first removed and the numbers closed up',
      ['DELETE FROM audit WHERE sequence = 1', ...closeUpFrom(1)],
      { kind: 'missing', sequence: 1 },
    ],
    [
      'the last record removed',
      [`DELETE FROM audit WHERE sequence = ${lastRecord}`],
      { kind: 'tail_cut', sequence: lastRecord },
    ],
    [
      'the last five removed',
      [`DELETE FROM audit WHERE sequence > ${lastRecord - 5}`],
      { kind: 'tail_cut', sequence: lastRecord - 4 },
    ],
    ['all records removed', ['DELETE FROM audit'], { kind: 'tail_cut', sequence: 1 }],
    ['two records swapped', swap(5, 9), { kind: 'reordered', sequence: 5 }],
    ['two neighbours swapped', swap(5, 6), { kind: 'reordered', sequence: 5 }],
    [
      'a record moved to the end',
      [`UPDATE audit SET sequence = ${lastRecord + 1} WHERE sequence = 5`, ...closeUpFrom(5)],
      { kind: 'reordered', sequence: 5 },
    ],
    ['a record doubled behind itself', [...shiftFrom(8), copyOf(7, 8)], { kind: 'duplicated', sequence: 8 }],
    ['a record doubled at the end', [copyOf(7, lastRecord + 1)], { kind: 'duplicated', sequence: lastRecord + 1 }],
    ['a forged record put in', [...shiftFrom(8), forgedAt(8)], { kind: 'forged', sequence: 8 }],
    ['a forged record put at the end', [forgedAt(lastRecord + 1)], { kind: 'forged', sequence: lastRecord + 1 }],
    [
      'forged records put at the end',
      [forgedAt(lastRecord + 1), forgedAt(lastRecord + 2)],
      { kind: 'forged', sequence: lastRecord + 1 },
    ],
    [
      'a forged record put before the first',
      [`INSERT INTO audit (${columns.join(', ')}) SELECT 0, ${columnsBut('sequence')} FROM audit WHERE sequence = 3`],
      { kind: 'forged', sequence: 1 },
    ],
    [
      'records passed off as another key’s',
      ["UPDATE audit SET key_id = 'other', detail = 'changed' WHERE sequence BETWEEN 5 AND 9"],
      { kind: 'altered', sequence: 5 },
    ],
    [
      'the end passed off as another key’s',
      [`UPDATE audit SET key_id = 'other', detail = 'changed' WHERE sequence > ${lastRecord - 2}`],
      { kind: 'altered', sequence: lastRecord - 1 },
    ],
  ])('%s', async (_, statements, damage) => {
    const bench = await usedBench();
    tamper(bench, ...statements);
    const verdict = await verdictOf(bench);
    expect(verdict.verdict).toBe('damaged');
    expect(verdict.damages[0]).toMatchObject(damage);
    // It is not forgotten: the next run says the same.
    expect((await verdictOf(bench)).damages[0]).toMatchObject(damage);
  });

  it('removed under a running console: the records that follow do not cover it up', async () => {
    const bench = freshBench();
    const desk = await open(bench);
    await record(desk, 5);
    tamper(bench, 'DELETE FROM audit WHERE sequence > 5');
    expect((await desk.handlers['audit.verify']({})).damages[0]).toMatchObject({ kind: 'tail_cut', sequence: 6 });
    await record(desk, 2);
    expect((await desk.handlers['audit.verify']({})).damages[0]).toMatchObject({ kind: 'missing', sequence: 6 });
    await desk.close();
  });
});

describe('a file put in the place of the log is found and named', () => {
  it('an old copy', async () => {
    const bench = freshBench();
    const first = await open(bench);
    await record(first, 3);
    await first.close();
    const restore = snapshot(bench);
    const second = await open(bench);
    await record(second, 3);
    await second.close();
    restore();
    expect((await verdictOf(bench)).damages[0]).toMatchObject({ kind: 'rolled_back', sequence: 6 });
  });

  it('an old copy that was carried on elsewhere', async () => {
    const bench = await usedBench();
    const [account, head] = headOf(bench);
    const restore = snapshot(bench);
    await verdictOf(bench);
    const newest = headOf(bench)[1];
    restore();
    bench.keychain.entries.set(account, head);
    const other = await open(bench);
    await record(other, 4);
    await other.close();
    bench.keychain.entries.set(account, newest);
    expect((await verdictOf(bench)).damages[0]).toMatchObject({ kind: 'rolled_back', sequence: lastRecord + 2 });
  });

  it('no file at all', async () => {
    const bench = await usedBench();
    rmSync(bench.file);
    expect((await verdictOf(bench)).damages[0]).toMatchObject({ kind: 'replaced', sequence: 1 });
  });

  it('the file of another folder, made with the same key', async () => {
    const bench = await usedBench();
    const other = { ...freshBench(), keychain: bench.keychain };
    await verdictOf(other);
    copyFileSync(other.file, bench.file);
    expect((await verdictOf(bench)).damages[0]).toMatchObject({ kind: 'replaced', sequence: 1 });
  });

  it('the file of another computer', async () => {
    const [bench, other] = [await usedBench(), await usedBench()];
    copyFileSync(other.file, bench.file);
    const verdict = await verdictOf(bench);
    expect(verdict.damages[0]).toMatchObject({ kind: 'replaced', sequence: 1 });
    expect(verdict.keyNotAvailable).toEqual([{ from: 1, to: lastRecord }]);
  });

  it('a head that was removed from the keychain', async () => {
    const bench = await usedBench();
    bench.keychain.entries.delete(headOf(bench)[0]);
    expect((await verdictOf(bench)).damages[0]).toMatchObject({ kind: 'head_missing', sequence: lastRecord });
  });
});

describe('what is not tampering is not called so', () => {
  it('a second console on the same file is refused, and the log stays whole', async () => {
    const bench = freshBench();
    const first = await open(bench);
    const second = await openTestDesk({ dataFolder: bench.dataFolder, keychain: bench.keychain });
    expect((await second.handlers['desk.state']({})).trouble).toMatchObject({ code: 'already_running' });
    await second.close();
    await record(first, 3);
    expect((await first.handlers['audit.verify']({})).verdict).toBe('intact');
    await first.close();
  });

  it('a crash between a record and the renewal of the head', async () => {
    const bench = freshBench();
    const first = await open(bench);
    await record(first, 3);
    await first.close();
    const [account, head] = headOf(bench);
    const second = await open(bench);
    await record(second, 5);
    await second.close();
    bench.keychain.entries.set(account, head);
    expect(await verdictOf(bench)).toMatchObject({ verdict: 'intact', damages: [] });
  });

  it('a clock that was set back between two records: it is said, and nothing is called damaged', async () => {
    const bench = await usedBench();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
    onTestFinished(() => void vi.useRealTimers());
    appendAsTheConsole(bench, 2);
    vi.useRealTimers();
    expect(await verdictOf(bench)).toMatchObject({
      verdict: 'intact',
      damages: [],
      verified: lastRecord + 3,
      clockBack: { count: 1, first: lastRecord + 1 },
    });
  });

  it('a crash before the head was ever renewed', async () => {
    const bench = freshBench();
    const desk = await open(bench);
    const restore = snapshot(bench);
    const [account, head] = headOf(bench);
    await desk.close();
    restore();
    bench.keychain.entries.set(account, head);
    expect(JSON.parse(head)).toMatchObject({ sequence: 0 });
    expect(await verdictOf(bench)).toMatchObject({ verdict: 'intact', damages: [] });
  });

  it('a crash in the middle of a write, which was promised to nobody', async () => {
    const bench = freshBench();
    const desk = await open(bench);
    await record(desk, 3);
    await desk.handlers['audit.verify']({});
    const [account, head] = headOf(bench);
    await record(desk, 2);
    const restore = snapshot(bench);
    await desk.close();
    restore();
    truncateSync(`${bench.file}-wal`, readFileSync(`${bench.file}-wal`).length - 100);
    bench.keychain.entries.set(account, head);
    expect(await verdictOf(bench)).toMatchObject({ verdict: 'intact', tornWrite: true, damages: [] });
  });

  it('but a torn write that the head knows better about is a loss, and both are said', async () => {
    const bench = freshBench();
    const desk = await open(bench);
    await record(desk, 3);
    await desk.handlers['audit.verify']({});
    const restore = snapshot(bench);
    await desk.close();
    restore();
    truncateSync(`${bench.file}-wal`, readFileSync(`${bench.file}-wal`).length - 100);
    const verdict = await verdictOf(bench);
    expect(verdict).toMatchObject({ verdict: 'damaged', tornWrite: true });
    expect(verdict.damages[0]?.kind).toBe('rolled_back');
  });
});

describe('a key that is gone', () => {
  it.each([
    ['lost', (bench: Bench) => bench.keychain.entries.delete('work/audit-key'), 'key_replaced'],
    [
      'replaced',
      (bench: Bench) => bench.keychain.entries.set('work/audit-key', Buffer.alloc(32, 9).toString('base64')),
      'key_returned',
    ],
    ['made unreadable', (bench: Bench) => bench.keychain.entries.set('work/audit-key', 'short'), 'key_replaced'],
  ])('%s: a new epoch begins, and the older part is never called fine', async (_, lose, outcome) => {
    const bench = await usedBench();
    lose(bench);
    const desk = await open(bench);
    const verdict = await desk.handlers['audit.verify']({});
    expect(verdict).toMatchObject({
      verdict: 'key_not_available',
      keyNotAvailable: [{ from: 1, to: lastRecord }],
      damages: [],
      verified: 2,
    });
    const { rows } = await desk.handlers['audit.page']({ before: lastRecord + 2, limit: 1 });
    expect(rows[0]).toMatchObject({ action: 'audit_epoch_began', outcome });
    await desk.close();
  });

  it('is lost, and the tail with it: both are said', async () => {
    const bench = await usedBench();
    bench.keychain.entries.delete('work/audit-key');
    tamper(bench, `DELETE FROM audit WHERE sequence > ${lastRecord - 3}`);
    expect((await verdictOf(bench)).damages[0]).toMatchObject({ kind: 'tail_cut', sequence: lastRecord - 2 });
  });

  it('for a run without a keychain: that stretch is not vouched for, before and after it are', async () => {
    const bench = await usedBench();
    const without = await open({ ...bench, keychain: noKeychain });
    expect(await without.handlers['audit.verify']({})).toMatchObject({
      verdict: 'key_not_available',
      keyNotAvailable: [{ from: 1, to: lastRecord }],
      head: { place: 'this_run' },
    });
    await without.close();
    const verdict = await verdictOf(bench);
    expect(verdict).toMatchObject({
      verdict: 'key_not_available',
      damages: [],
      keyNotAvailable: [{ from: lastRecord + 1, to: lastRecord + 3 }],
      verified: lastRecord + 2,
    });
  });

  it('does not let records of ours be passed off as those of a run without a keychain', async () => {
    const bench = await usedBench();
    await (await open({ ...bench, keychain: noKeychain })).close();
    tamper(bench, `UPDATE audit SET key_id = 'other', detail = 'changed' WHERE sequence = ${lastRecord}`);
    expect((await verdictOf(bench)).damages[0]).toMatchObject({ kind: 'altered', sequence: lastRecord });
  });
});

it('keeps the keychain’s copy of the head in step: at most 64 records behind, within a second, and at the end', async () => {
  const bench = freshBench();
  const desk = await open(bench);
  await Promise.all(Array.from({ length: 70 }, () => record(desk, 1)));
  const known = JSON.parse(headOf(bench)[1] || '{"sequence":0}') as { sequence: number };
  expect(known.sequence).toBeGreaterThanOrEqual(8);
  await desk.close();
  const database = new DatabaseSync(bench.file, { readOnly: true });
  const last = database.prepare('SELECT sequence, mac FROM audit ORDER BY sequence DESC LIMIT 1').get();
  database.close();
  expect(JSON.parse(headOf(bench)[1])).toMatchObject({ ...last });
});
