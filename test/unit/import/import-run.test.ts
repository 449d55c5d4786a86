import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importParseOptions, type ImportParseOptions } from '../../../src-main/contract/index.ts';
import { ImportRun, type ImportRunOptions } from '../../../src-main/core/import/index.ts';
import type { ReportedSession } from '../../../src-main/core/store/index.ts';

const now = Date.parse('2026-11-20T12:00:00Z');

function startRun(parseOptions: Partial<ImportParseOptions> = {}, options: Partial<ImportRunOptions> = {}) {
  const written: ReportedSession[] = [];
  const run = new ImportRun({
    provider: 'flinks',
    product: 'geft',
    parseOptions: importParseOptions.parse(parseOptions),
    onInvalidLine: 'skip',
    getIdWarning: () => null,
    now: () => now,
    findRememberedMapping: () => Promise.resolve(null),
    onProgress: () => undefined,
    writeBatch: (sessions) => {
      written.push(...sessions);
      return Promise.resolve({ added: sessions.length, updated: 0, unchanged: 0 });
    },
    ...options,
  });
  return { run, written };
}

async function runText(
  text: string | Uint8Array,
  parseOptions: Partial<ImportParseOptions> = {},
  options: Partial<ImportRunOptions> = {},
) {
  const { run, written } = startRun(parseOptions, options);
  await run.push(typeof text === 'string' ? Buffer.from(text) : text);
  await run.end();
  return { run, written, ids: written.map(({ id }) => id) };
}

describe('ImportRun', () => {
  it('layout: CSV, JSON and JSON Lines give the same sessions with any separator, line end and encoding', async () => {
    const files: (string | Uint8Array)[] = [
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
    for (const file of files) {
      const { written, run } = await runText(file);
      expect(
        written.map(({ id, amount }) => [id, amount]),
        String(file),
      ).toEqual([
        ['1', '5'],
        ['2', '6'],
      ]);
      expect(run).toMatchObject({ state: 'finished', error: null, counts: { lines: 2, refused: 0 } });
    }
  });

  it('push: the result does not depend on how the bytes are split into chunks', async () => {
    const text = 'id,remark,amount\n1,"é,😀\n""x""",5\nbad id,b,6\n3,c,"1,5"\n"4"x,d,1\n5,e,7\n';
    const bytes = Buffer.from(text);
    const expected = await runText(bytes);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 8 }), async (offsets) => {
        const { run, written } = startRun();
        const ends = [...offsets, bytes.length].sort((left, right) => left - right);
        for (const [index, end] of ends.entries()) await run.push(bytes.subarray(ends[index - 1] ?? 0, end));
        await run.end();
        expect(written).toEqual(expected.written);
        expect(run.problems).toEqual(expected.run.problems);
      }),
      { numRuns: 100 },
    );
    expect(expected.ids).toEqual(['1', '5']);
    expect(expected.run.problems.map(({ line, column, name }) => [line, column, name])).toEqual([
      [4, 1, 'id'],
      [5, 3, 'amount'],
      [6, 1, null],
    ]);
  });

  it('problems: each invalid value has its line and column, and the valid lines are written', async () => {
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
    const { run, ids, written } = await runText(lines.join('\n'));
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
    expect(written[0]).toMatchObject({ status: 'unknown', rawStatus: 'Odd' });
    expect(written[1]).toMatchObject({ status: 'active' });
    const accepted = await runText(lines.join('\n'), { acceptSuggestedIds: true, amounts: 'comma_decimal' });
    expect(accepted.ids).toEqual(['a1', 'a2', 'a3', 'a6', 'a8']);
  });

  it('onInvalidLine stop: the run ends at the first invalid line and writes the lines before it', async () => {
    const { run, ids } = await runText('id,amount\n1,5\n2,x\n3,7\n', {}, { onInvalidLine: 'stop' });
    expect(ids).toEqual(['1']);
    expect(run).toMatchObject({ state: 'stopped', error: { line: 3, column: 2 } });
  });

  it('error: a file that cannot be read fails with the line and the reason', async () => {
    const errorOf = async (text: string | Uint8Array, parseOptions: Partial<ImportParseOptions> = {}) =>
      (await runText(text, parseOptions)).run.error;
    expect(await errorOf('name,amount\nx,5\n')).toMatchObject({
      line: 1,
      messageKey: 'import.idColumnUnknown',
      params: { columns: 'name, amount' },
    });
    expect(await errorOf('id,amount\nx,5\n', { mapping: { id: 'key' } })).toMatchObject({
      messageKey: 'import.columnMissing',
      params: { column: 'key', columns: 'id, amount' },
    });
    expect(await errorOf(Array.from({ length: 10_000 }, (_, index) => `column_${index}`).join(','))).toMatchObject({
      line: 1,
      column: 501,
    });
    expect(
      await errorOf(`{"${Array.from({ length: 10_000 }, (_, index) => `k${index}":1,"`).join('')}id":"1"}`),
    ).toMatchObject({ line: 1 });
    expect(await errorOf(new Uint8Array(200_000).map((_, index) => (index * 7 + (index >> 3)) % 256))).toMatchObject({
      line: 1,
      messageKey: 'import.textNotUtf8',
    });
    expect(await errorOf('PK\x03\x04')).toMatchObject({ messageKey: 'import.fileIsArchive' });
    expect(await errorOf('')).toMatchObject({ messageKey: 'import.fileEmpty' });
    expect(await errorOf('id,amount\n')).toMatchObject({
      messageKey: 'import.headerOnly',
    });
    expect(await errorOf('[{"id":"1"},{"id":')).toMatchObject({
      line: 1,
      messageKey: 'import.jsonIncomplete',
    });
    const lateError = await runText(Buffer.concat([Buffer.from('id\n1\n2\n'), Buffer.from([0xff, 0xfe, 0x41])]));
    expect([lateError.ids, lateError.run.state, lateError.run.error?.line]).toEqual([['1', '2'], 'failed', 4]);
  });

  it('push: memory does not grow with the length of the file', async () => {
    const { run } = startRun({}, { writeBatch: () => Promise.resolve({ added: 0, updated: 0, unchanged: 0 }) });
    const cell = 'x'.repeat(190);
    const chunk = Buffer.from(
      Array.from({ length: 2_000 }, (_, index) => `id-${index},"${cell}"\n`)
        .join('')
        .repeat(5),
    );
    await run.push(Buffer.from('id,note\n'));
    const bytesBefore = measureLiveBytes();
    // 100 MB; the benchmark (test/bench/import.ts) reads 2 GB.
    for (let sent = 0; sent < 100_000_000; sent += chunk.length) await run.push(chunk);
    // A reader that kept the file, or its records, would hold more than the file.
    expect((measureLiveBytes() - bytesBefore) / 1_048_576).toBeLessThan(20);
    await run.end();
    expect(run.state).toBe('finished');
  }, 60_000);
});

/** The memory that the process still uses after a garbage collection. */
function measureLiveBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
