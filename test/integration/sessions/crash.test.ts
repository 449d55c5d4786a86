import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { emptySessionFilter, importParseOptions } from '../../../src-main/contract/index.ts';
import { ingestSoak } from '../../soak/ingest.ts';
import {
  addConnections,
  createTempFolder,
  memoryKeychain,
  unreachableProvider,
  openTestApp,
} from '../../support/app.ts';
import { spawnApp } from '../../support/spawn-app.ts';

const seed = Math.floor(Math.random() * 2 ** 31);

// 60 of them: npm run soak.
it(
  `kills while sessions come in by a file or by feeds lose and double none (seed ${seed})`,
  { timeout: 120_000 },
  async () => {
    const survived: string[] = [];
    for await (const line of ingestSoak.run(seed, 6)) survived.push(line);
    expect(survived).toHaveLength(6);
  },
);

it('a kill in the middle of an export leaves no half of a file and a record that ends, and no refresh goes on', async () => {
  const dataFolder = createTempFolder();
  const keychain = memoryKeychain();
  const before = await openTestApp({ dataFolder, keychain });
  const { flinks } = await addConnections(before, unreachableProvider);
  const { importId } = await before.handlers['imports.begin']({
    connectionId: flinks.id,
    product: 'geft',
    fileName: 'x.csv',
    byteLength: null,
    source: 'imported',
    shouldWrite: true,
    onInvalidLine: 'stop',
    parseOptions: importParseOptions.parse({}),
  });
  const lines = Buffer.from(`id\n${Array.from({ length: 20_000 }, (_, index) => `kill-${index}`).join('\n')}`);
  await before.handlers['imports.chunk']({ importId, offset: 0, bytes: lines.toString('base64') });
  await before.handlers['imports.finish']({ importId });
  await before.close();

  const doomed = await spawnApp(dataFolder, [...keychain.entries]);
  await doomed.call('refreshes.start', { sessionKeys: [1] });
  await doomed.call('exports.start', {
    filter: emptySessionFilter,
    excludedKeys: [],
    format: 'csv',
    unmaskedIds: false,
  });
  await doomed.kill();
  // Whether the kill came before the file had its name or after: this one is half.
  const exports = join(dataFolder, 'work', 'exports');
  mkdirSync(exports, { recursive: true });
  writeFileSync(join(exports, 'sessions-20261101T000000Z-0000.csv.part'), 'id\n');

  let app = await openTestApp({ dataFolder, keychain });
  onTestFinished(() => app.close());
  const outcomes = async () =>
    (await app.handlers['audit.page']({ before: null, limit: 50 })).rows
      .filter(({ action }) => action === 'sessions_exported')
      .map(({ outcome }) => outcome);
  const whole = readdirSync(exports);
  expect(whole.filter((name) => name.endsWith('.part'))).toEqual([]);
  const ended = [whole.length > 0 ? 'finished' : 'stopped', 'begun'];
  expect(await outcomes()).toEqual(ended);
  expect(await app.handlers['refreshes.list']({})).toEqual([]);
  await app.close();
  app = await openTestApp({ dataFolder, keychain });
  expect(await outcomes()).toEqual(ended);
});
