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
import { roundsOf, seed } from '../../support/suite.ts';

// A round kills an import, the next one a URL feed, the next one a folder feed. `npm run soak` runs 60 rounds.
it('import and feeds: a kill loses no session and adds none twice', { timeout: 240_000 }, async () => {
  const rounds = roundsOf({ quick: 3, full: 30 });
  const survivedRounds: string[] = [];
  for await (const line of ingestSoak.run(seed, rounds)) survivedRounds.push(line);
  expect(survivedRounds).toHaveLength(rounds);
});

it('export: after a kill the partial file is removed, the end is recorded, and no refresh continues', async () => {
  const dataFolder = createTempFolder();
  const keychain = memoryKeychain();
  const setupApp = await openTestApp({ dataFolder, keychain });
  const { flinks } = await addConnections(setupApp, unreachableProvider);
  const { importId } = await setupApp.handlers['imports.start']({
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
  await setupApp.handlers['imports.addChunk']({ importId, offset: 0, bytes: lines.toString('base64') });
  await setupApp.handlers['imports.finish']({ importId });
  await setupApp.close();

  const killedApp = await spawnApp(dataFolder, [...keychain.entries]);
  await killedApp.call('refreshes.start', { sessionKeys: [1] });
  await killedApp.call('exports.start', {
    filter: emptySessionFilter,
    excludedKeys: [],
    format: 'csv',
    unmaskedIds: false,
  });
  await killedApp.kill();
  // The kill may come after the export; this partial file is there in any case.
  const exportsFolder = join(dataFolder, 'work', 'exports');
  mkdirSync(exportsFolder, { recursive: true });
  writeFileSync(join(exportsFolder, 'sessions-20261101T000000Z-0000.csv.part'), 'id\n');
  expect(readdirSync(exportsFolder)).toContain('sessions-20261101T000000Z-0000.csv.part');

  let app = await openTestApp({ dataFolder, keychain });
  onTestFinished(() => app.close());
  const outcomes = async () =>
    (await app.handlers['audit.list']({ before: null, limit: 50 })).rows
      .filter(({ action }) => action === 'sessions_exported')
      .map(({ outcome }) => outcome);
  const files = readdirSync(exportsFolder);
  expect(files).not.toContainEqual(expect.stringMatching(/\.part$/));
  const expectedOutcomes = [files.length > 0 ? 'finished' : 'stopped', 'begun'];
  expect(await outcomes()).toEqual(expectedOutcomes);
  expect(await app.handlers['refreshes.list']({})).toEqual([]);
  await app.close();
  app = await openTestApp({ dataFolder, keychain });
  expect(await outcomes()).toEqual(expectedOutcomes);
});
