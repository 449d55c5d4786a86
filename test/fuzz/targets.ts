/** The parsers that are fuzzed, and what each promises for any input. */
import assert from 'node:assert/strict';
import { posix, win32 } from 'node:path';
import { CsvReader } from '../../src-main/core/import/csv-reader.ts';
import { JsonArrayReader, JsonLinesReader } from '../../src-main/core/import/json-readers.ts';
import { findJsonErrorOffset } from '../../src-main/core/import/json-record.ts';
import type { ParsedRecord, RecordReader } from '../../src-main/core/import/record-reader.ts';
import { createZip } from '../../src-main/core/maintenance/zip.ts';
import { parseProxyList, resolveProxies } from '../../src-main/core/providers/proxy.ts';
import { findSocketOwner } from '../../src-main/hosts/browser/request-origin.ts';
import type { FuzzTarget } from './fuzzer.ts';
import { plantedFaultTarget } from './planted-fault.ts';
import { readZip } from './read-zip.ts';

const sourceUrl = (path: string) => new URL(`../../src-main/${path}`, import.meta.url).href;

/** Reads a text in chunks of `size` characters. */
function readInChunks(reader: RecordReader, text: string, size: number): ParsedRecord[] {
  const records: ParsedRecord[] = [];
  for (let offset = 0; offset < text.length; offset += size)
    records.push(...reader.push(text.slice(offset, offset + size)));
  return [...records, ...reader.end()];
}

/** A reader returns the same records however the text is split, each with a position inside the text. */
function readConsistently(createReader: () => RecordReader, text: string): ParsedRecord[] {
  const records = readInChunks(createReader(), text, Math.max(1, text.length));
  for (const size of [1, 3]) assert.deepEqual(readInChunks(createReader(), text, size), records);
  const lineCount = text.split(/\r\n|\n|\r/).length;
  for (const { line, column } of records)
    assert.ok(line >= 1 && line <= lineCount && column >= 1 && column <= text.length + 1, `position ${line}:${column}`);
  return records;
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value of a JSON text; undefined if the text is not valid. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const csvTarget: FuzzTarget = {
  name: 'csv',
  files: [sourceUrl('core/import/csv-reader.ts')],
  dictionary: ['"', '""', '","', ',', ';', '\t', '|', '\n', '\r\n', '\r', "'=", "'", 'a', '""a', '"\n"'],
  check(text) {
    for (const separator of [',', ';', '\t', '|']) {
      const records = readConsistently(() => new CsvReader(separator), text);
      for (const record of records) {
        assert.ok(record.kind === 'row' || record.kind === 'invalid', record.kind);
        const length = record.kind === 'row' ? record.cells.join('').length : 0;
        assert.ok(length <= text.length, 'a row is longer than the text');
      }
      // What was read can be written and read again.
      const rows = records.flatMap((record) => (record.kind === 'row' ? [record.cells] : []));
      const quoted = rows.map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(separator));
      const again = readInChunks(new CsvReader(separator), quoted.join('\n'), 1_000);
      if (!text.includes("'"))
        assert.deepEqual(
          again.map((record) => (record.kind === 'row' ? record.cells : record)),
          rows,
        );
    }
  },
};

const jsonArrayTarget: FuzzTarget = {
  name: 'json-array',
  files: [sourceUrl('core/import/json-readers.ts'), sourceUrl('core/import/json-record.ts')],
  dictionary: [
    '[',
    ']',
    '{',
    '}',
    '"',
    ':',
    ',',
    '\\',
    '"a":',
    '{"a":1}',
    '[{',
    '}]',
    'true',
    'null',
    '-1.5e3',
    ' ',
    '\n',
  ],
  check(text) {
    const records = readConsistently(() => new JsonArrayReader(), text);
    const isComplete = records.every(({ kind }) => kind === 'object');
    if (!/^[ \t\r\n]*\[/.test(text)) return;
    const value = parseJson(text);
    assert.equal(isComplete, Array.isArray(value) && value.every(isObject), 'accepts exactly the lists of objects');
    if (isComplete) assert.equal(records.length, (value as unknown[]).length);
  },
};

const jsonLinesTarget: FuzzTarget = {
  name: 'json-lines',
  files: [sourceUrl('core/import/json-readers.ts'), sourceUrl('core/import/json-record.ts')],
  dictionary: [
    '"\\x"',
    '\\x',
    '\\u12',
    '\u0001',
    '01',
    '.5',
    '-',
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\',
    '\\u00e9',
    '"a":1',
    '{"a":[1,{}]}',
    'true',
    'nul',
    '1e',
    '\n',
    '\r\n',
  ],
  check(text) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    const records = readConsistently(() => new JsonLinesReader(), text);
    assert.deepEqual(
      records.map(({ kind }) => kind),
      lines.map((line) => (isObject(parseJson(line)) ? 'object' : 'invalid')),
    );
    for (const line of lines) {
      const offset = findJsonErrorOffset(line);
      assert.equal(offset === null, parseJson(line) !== undefined, 'finds an error exactly in invalid JSON');
      assert.ok(offset === null || (offset >= 0 && offset <= line.length), `offset ${offset}`);
    }
  },
};

const zipTarget: FuzzTarget = {
  name: 'zip',
  files: [sourceUrl('core/maintenance/zip.ts')],
  dictionary: ['\u0001', '\u0002', '../', '..\\', '/', '\\', 'C:', '..', '.', 'a/b', '\0', 'PK\u0003\u0004', 'é'],
  /** Entries are separated by U+0001, and the name and the text of an entry by U+0002. */
  check(text) {
    const entries = text.split('\u0001').map((entry) => {
      const [name = '', ...content] = entry.split('\u0002');
      return { name: name.toWellFormed(), text: content.join('\u0002').toWellFormed() };
    });
    let archive: Buffer;
    try {
      archive = createZip(entries, new Date(2026, 10, 28));
    } catch {
      assert.ok(
        entries.some(({ name }) => /^[/\\]|\.\.|:|\0/.test(name)),
        'refuses only names that lead out',
      );
      return;
    }
    for (const { name } of entries) {
      assert.match(posix.resolve('/target', name), /^\/target(?:\/|$)/);
      assert.match(win32.resolve('C:\\target', name), /^C:\\target(?:\\|$)/);
    }
    const textsByName = (files: typeof entries) => new Map(files.map(({ name, text }) => [name, text]));
    assert.deepEqual(textsByName(readZip(archive)), textsByName(entries));
  },
};

/** A proxy has a host, a valid port, and an authorization that is a valid header value. */
function checkProxies(proxies: ReturnType<typeof parseProxyList>): void {
  for (const proxy of proxies) {
    if (proxy === null) continue;
    const { host, port, authorization } = proxy;
    assert.match(host, /^[^\s/@#?[\]\\]+$/);
    assert.ok(Number.isInteger(port) && port > 0 && port <= 65_535, `port ${port}`);
    assert.ok(authorization === null || /^Basic [A-Za-z0-9+/]+=*$/.test(authorization), 'authorization');
  }
}

const proxyTarget: FuzzTarget = {
  name: 'proxy',
  files: [sourceUrl('core/providers/proxy.ts')],
  dictionary: [
    'DIRECT',
    'PROXY ',
    'HTTPS ',
    'HTTP ',
    'SOCKS5 ',
    '; ',
    'proxy:8080',
    '[::1]:3128',
    'u:p@',
    '%',
    '%0d%0a',
    ':',
    '@',
    '://',
    '\n',
    '*',
    '.org',
  ],
  /** The text as the result of a PAC file; its lines as the variables https_proxy and no_proxy. */
  async check(text) {
    const list = parseProxyList(text);
    checkProxies(list);
    // A list leads to a direct connection only if it is empty or has the entry DIRECT.
    assert.equal(list.includes(null), /(?:^|;)\s*DIRECT\s*(?:;|$)/i.test(text) || /^[\s;]*$/.test(text));
    const [value = '', exemptions = ''] = text.split('\n');
    const environment = { https_proxy: value, no_proxy: exemptions };
    const proxies = await resolveProxies(new URL('https://api.example.org/v1'), null, environment);
    checkProxies(proxies);
    // A variable that is set never leads to a direct connection without an exemption.
    if (value !== '' && exemptions === '') assert.ok(!proxies.includes(null));
    assert.deepEqual(await resolveProxies(new URL('http://127.0.0.1:1/'), null, environment), [null]);
  },
};

const [peerPort, serverPort] = [40_000, 8_080];
const loopbackAddress = /^(?:0000000000000000FFFF0000|0{20}FFFF)?(?:0100007F|7F000001)$/;
const isLoopbackEndpoint = (text: string, port: number): boolean => {
  const [address = '', portText] = text.split(':');
  return loopbackAddress.test(address) && portText === port.toString(16).toUpperCase().padStart(4, '0');
};

const socketTableTarget: FuzzTarget = {
  name: 'socket-table',
  files: [sourceUrl('hosts/browser/request-origin.ts')],
  dictionary: [
    '   1: 0100007F:9C40 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 42 1\n',
    '0100007F:9C40',
    '0100007F:1F90',
    '7F000001:9C40',
    '0000000000000000FFFF0000',
    '00000000000000000000FFFF',
    '7F000001',
    ' 01 ',
    ' 06 ',
    ' 0A ',
    '00000000:00000000',
    '  1000 ',
    '     0 ',
    '\n',
    ' ',
    ': ',
    '1:',
  ],
  /** A row that is found has all columns of an established connection between the two ports. */
  check(text) {
    const owner = findSocketOwner(text, peerPort, serverPort);
    const owners = text.split(/[\n\r\u2028\u2029]/).flatMap((line) => {
      const [index = '', local = '', remote = '', state, , , , uid = ''] = line.trim().split(/ +/);
      const isMatch =
        /^\d+:$/.test(index) &&
        isLoopbackEndpoint(local, peerPort) &&
        isLoopbackEndpoint(remote, serverPort) &&
        state === '01' &&
        /^\d+$/.test(uid);
      return isMatch ? [Number(uid)] : [];
    });
    if (owner !== undefined) assert.ok(owners.includes(owner), `no row belongs to ${owner}`);
  },
};

export const parserTargets: readonly FuzzTarget[] = [
  csvTarget,
  jsonArrayTarget,
  jsonLinesTarget,
  zipTarget,
  proxyTarget,
  socketTableTarget,
];

/** The parsers, and a parser with a planted fault that shows that the search finds faults. */
export const fuzzTargets: readonly FuzzTarget[] = [...parserTargets, plantedFaultTarget];
