import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importParseOptions, type ImportParseOptions } from '../../../src-main/contract/index.ts';
import { ImportRun, type ImportRunOptions } from '../../../src-main/core/import/index.ts';
import type { ReportedSession } from '../../../src-main/core/store/index.ts';

const now = Date.parse('2026-11-20T12:00:00Z');

function startRun(reading: Partial<ImportParseOptions> = {}, rules: Partial<ImportRunOptions> = {}) {
  const taken: ReportedSession[] = [];
  const run = new ImportRun({
    provider: 'flinks',
    product: 'geft',
    parseOptions: importParseOptions.parse(reading),
    badLines: 'skip',
    getIdWarning: () => null,
    now: () => now,
    findRememberedMapping: () => Promise.resolve(null),
    onProgress: () => undefined,
    writeBatch: (sessions) => {
      taken.push(...sessions);
      return Promise.resolve({ added: sessions.length, updated: 0, unchanged: 0 });
    },
    ...rules,
  });
  return { run, taken };
}

async function runText(
  text: string | Uint8Array,
  reading: Partial<ImportParseOptions> = {},
  rules: Partial<ImportRunOptions> = {},
) {
  const { run, taken } = startRun(reading, rules);
  await run.push(typeof text === 'string' ? Buffer.from(text) : text);
  await run.end();
  return { run, taken, ids: taken.map(({ id }) => id) };
}

describe('a file', () => {
  it('is read in whatever dress it comes', async () => {
    const dresses: (string | Uint8Array)[] = [
      'id,amount\n1,5\n2,6\n',
      '\uFEFFid;amount\r\n1;5\r\n2;6',
      'id\tamount\r1\t5\r2\t6\r',
      '"id"|"amount"\n"1"|5\n2|"6"',
      Buffer.from('\uFEFFid,amount\n1,5\n2,6', 'utf16le'),
      Buffer.from('\uFEFFid,amount\n1,5\n2,6', 'utf16le').swap16(),
      '[{"id":"1","amount":5},{"id":"2","amount":"6"}]',
      '{"sessions":[{"id":"1","amount":5},\n{"id":2,"amount":6}],"next":null}',
      '{"id":"1","amount":5}\n{"id":"2","amount":6}\n',
      '{"data": {"x": 1},\n "rows": [{"id":"1","amount":5},{"id":"2","amount":6}]}',
    ];
    for (const dress of dresses) {
      const { taken, run } = await runText(dress);
      expect(
        taken.map(({ id, amount }) => [id, amount]),
        String(dress),
      ).toEqual([
        ['1', '5'],
        ['2', '6'],
      ]);
      expect(run).toMatchObject({ state: 'finished', fault: null, counts: { lines: 2, refused: 0 } });
    }
  });

  it('is read alike however its bytes are cut', async () => {
    const text = 'id,reference,amount\n1,"é,😀\n""x""",5\nbad id,b,6\n3,c,"1,5"\n"4"x,d,1\n5,e,7\n';
    const bytes = Buffer.from(text);
    const whole = await runText(bytes);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 8 }), async (places) => {
        const { run, taken } = startRun();
        const ends = [...places, bytes.length].sort((one, other) => one - other);
        for (const [index, end] of ends.entries()) await run.push(bytes.subarray(ends[index - 1] ?? 0, end));
        await run.end();
        expect(taken).toEqual(whole.taken);
        expect(run.problems).toEqual(whole.run.problems);
      }),
      { numRuns: 100 },
    );
    expect(whole.ids).toEqual(['1', '5']);
    expect(whole.run.problems.map(({ line, column, name }) => [line, column, name])).toEqual([
      [4, 1, 'id'],
      [5, 3, 'amount'],
      [6, 1, null],
    ]);
  });

  it('names each bad value by line and cell, and keeps the good lines', async () => {
    const lines = [
      'id,amount,currency,created_at,status',
      ' a1,5,CAD,,',
      'https://x.test/app/?sessionId=a2,5,CAD,,',
      'a3,"1.234,56",CAD,,',
      'a4,5,XYZ,,',
      'a5,5,CAD,2027-01-01T00:00:00Z,',
      'a6,5,CAD,,Odd',
      'a7,5,CAD,,,extra',
      'a8,5,CAD,,Initiated',
    ];
    const { run, ids, taken } = await runText(lines.join('\n'));
    expect(ids).toEqual(['a6', 'a8']);
    expect(run.problems.map(({ line, column, kind, suggestion }) => [line, column, kind, suggestion])).toEqual([
      [2, 1, 'refused', 'a1'],
      [3, 1, 'refused', 'a2'],
      [4, 2, 'refused', null],
      [5, 3, 'refused', null],
      [6, 4, 'refused', null],
      [7, 5, 'warning', null],
      [8, 6, 'refused', null],
    ]);
    expect(taken[0]).toMatchObject({ status: 'unknown', rawStatus: 'Odd' });
    expect(taken[1]).toMatchObject({ status: 'active' });
    const accepted = await runText(lines.join('\n'), { acceptSuggestedIds: true, amounts: 'comma_decimal' });
    expect(accepted.ids).toEqual(['a1', 'a2', 'a3', 'a6', 'a8']);
  });

  it('stops at the first bad line where that was asked for, with the lines before it kept', async () => {
    const { run, ids } = await runText('id,amount\n1,5\n2,x\n3,7\n', {}, { badLines: 'stop' });
    expect(ids).toEqual(['1']);
    expect(run).toMatchObject({ state: 'stopped', fault: { line: 3, column: 2 } });
  });

  it('that cannot be read says why, where and what to do', async () => {
    const fault = async (text: string | Uint8Array, reading: Partial<ImportParseOptions> = {}) =>
      (await runText(text, reading)).run.fault;
    expect(await fault('name,amount\nx,5\n')).toMatchObject({
      line: 1,
      message: expect.stringContaining('Choose which one does: name, amount') as string,
    });
    expect(await fault('id,amount\nx,5\n', { mapping: { id: 'key' } })).toMatchObject({
      message: expect.stringContaining('no column “key”') as string,
    });
    expect(await fault(Array.from({ length: 10_000 }, (_, index) => `column_${index}`).join(','))).toMatchObject({
      line: 1,
      column: 501,
    });
    expect(
      await fault(`{"${Array.from({ length: 10_000 }, (_, index) => `k${index}":1,"`).join('')}id":"1"}`),
    ).toMatchObject({ line: 1 });
    expect(await fault(new Uint8Array(200_000).map((_, index) => (index * 7 + (index >> 3)) % 256))).toMatchObject({
      line: 1,
      message: expect.stringContaining('not text') as string,
    });
    expect(await fault('PK\x03\x04')).toMatchObject({ message: expect.stringContaining('spreadsheet') as string });
    expect(await fault('')).toMatchObject({ message: 'The file is empty.' });
    expect(await fault('id,amount\n')).toMatchObject({
      message: expect.stringContaining('nothing under it') as string,
    });
    expect(await fault('[{"id":"1"},{"id":')).toMatchObject({
      line: 1,
      message: expect.stringContaining('ends in the middle') as string,
    });
    const late = await runText(Buffer.concat([Buffer.from('id\n1\n2\n'), Buffer.from([0xff, 0xfe, 0x41])]));
    expect([late.ids, late.run.state, late.run.fault?.line]).toEqual([['1', '2'], 'failed', 4]);
  });

  it('of any length flows through without growing memory', async () => {
    const { run } = startRun({}, { writeBatch: () => Promise.resolve({ added: 0, updated: 0, unchanged: 0 }) });
    const cell = 'x'.repeat(190);
    const piece = Buffer.from(
      Array.from({ length: 2_000 }, (_, index) => `id-${index},"${cell}"\n`)
        .join('')
        .repeat(5),
    );
    await run.push(Buffer.from('id,note\n'));
    const before = process.memoryUsage().rss;
    // 200 MB here; 2 GB in the bench.
    for (let sent = 0; sent < 200_000_000; sent += piece.length) await run.push(piece);
    await run.end();
    expect(run.state).toBe('finished');
    expect((process.memoryUsage().rss - before) / 1_048_576).toBeLessThan(150);
  }, 60_000);
});
