import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { allSessions, importReading } from '../../../src-main/contract/index.ts';
import { intake } from '../../soak/ingest.ts';
import { connect, freshFolder, memoryKeychain, nowhere, openTestDesk } from '../../support/app.ts';
import { spawnDesk } from '../../support/spawn-app.ts';

const seed = Math.floor(Math.random() * 2 ** 31);

// 60 of them: npm run soak.
it(
  `kills while sessions come in by a file or by feeds lose and double none (seed ${seed})`,
  { timeout: 120_000 },
  async () => {
    const survived: string[] = [];
    for await (const line of intake.run(seed, 6)) survived.push(line);
    expect(survived).toHaveLength(6);
  },
);

it('a kill in the middle of an export leaves no half of a file and a record that ends, and no refresh goes on', async () => {
  const dataFolder = freshFolder();
  const keychain = memoryKeychain();
  const before = await openTestDesk({ dataFolder, keychain });
  const { flinks } = await connect(before, nowhere);
  const { importId } = await before.handlers['imports.begin']({
    connectionId: flinks.id,
    product: 'geft',
    fileName: 'x.csv',
    byteLength: null,
    source: 'imported',
    write: true,
    badLines: 'stop',
    reading: importReading.parse({}),
  });
  const lines = Buffer.from(`id\n${Array.from({ length: 20_000 }, (_, index) => `kill-${index}`).join('\n')}`);
  await before.handlers['imports.chunk']({ importId, offset: 0, bytes: lines.toString('base64') });
  await before.handlers['imports.finish']({ importId });
  await before.close();

  const doomed = await spawnDesk(dataFolder, [...keychain.entries]);
  await doomed.call('refreshes.start', { sessionKeys: [1] });
  await doomed.call('exports.start', { filter: allSessions, except: [], format: 'csv', wholeIds: false });
  await doomed.kill();
  // Whether the kill came before the file had its name or after: this one is half.
  const exports = join(dataFolder, 'work', 'exports');
  mkdirSync(exports, { recursive: true });
  writeFileSync(join(exports, 'sessions-20261101T000000Z-0000.csv.part'), 'id\n');

  let desk = await openTestDesk({ dataFolder, keychain });
  onTestFinished(() => desk.close());
  const outcomes = async () =>
    (await desk.handlers['audit.page']({ before: null, limit: 50 })).rows
      .filter(({ action }) => action === 'sessions_exported')
      .map(({ outcome }) => outcome);
  const whole = readdirSync(exports);
  expect(whole.filter((name) => name.endsWith('.part'))).toEqual([]);
  const ended = [whole.length > 0 ? 'finished' : 'stopped', 'begun'];
  expect(await outcomes()).toEqual(ended);
  expect(await desk.handlers['refreshes.list']({})).toEqual([]);
  await desk.close();
  desk = await openTestDesk({ dataFolder, keychain });
  expect(await outcomes()).toEqual(ended);
});
