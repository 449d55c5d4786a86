/** Kills a console while sessions come in by a file, a feed's pages or a watched folder, lets it go on, and counts them all. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { seededRandom } from '../../src-main/core/simulator/random.ts';
import { addConnections, createTempFolder, memoryKeychain, unreachableProvider, openTestApp } from '../support/app.ts';
import { spawnApp } from '../support/spawn-app.ts';
import { checkNoPartialWrites } from './crash.ts';
import type { SoakTest } from './soak-test.ts';
import { trackedNumbers, type IngestRound, type IngestSource } from './ingest-source.ts';
import { folderFeedSource, importSource, urlFeedSource } from './ingest-sources.ts';

export const ingestSoak: SoakTest = {
  name: 'ingest',
  defaultRounds: 60,
  async *run(seed, rounds) {
    const dataFolder = createTempFolder();
    const keychain = memoryKeychain();
    const first = await openTestApp({ dataFolder, keychain });
    const connectionId = (await addConnections(first, unreachableProvider)).flinks.id;
    await first.close();
    for (let number = 0; number < rounds; number += 1) {
      const random = seededRandom(seed + number);
      const way = ([importSource, urlFeedSource, folderFeedSource] as const)[number % 3]?.() ?? importSource();
      const round = { connectionId, idPrefix: `r${number}-`, random };
      try {
        const { whenKilled, atLast } = await killAndResume(dataFolder, keychain, way, round);
        yield `${way.name.padEnd(16)} ${String(whenKilled).padStart(5)} sessions when it was killed, ${atLast} at last, each once`;
      } finally {
        await way.dispose();
      }
    }
  },
};

async function killAndResume(
  dataFolder: string,
  keychain: ReturnType<typeof memoryKeychain>,
  way: IngestSource,
  round: IngestRound,
) {
  const doomed = await spawnApp(dataFolder, [...keychain.entries]);
  await way.start(doomed, round);
  await doomed.kill();
  for (const [account, secret] of doomed.secrets()) keychain.entries.set(account, secret);

  const app = await openTestApp({ dataFolder, keychain });
  const file = join(dataFolder, 'work', 'desk.sqlite');
  try {
    const whenKilled = withDatabase(file, (database) => {
      way.inspect(database, round);
      return trackedNumbers(database, round).length;
    });
    await way.resume(app, round);
    const verdict = await app.handlers['audit.verify']({});
    if (verdict.result !== 'intact') throw new Error(`The log does not verify: ${JSON.stringify(verdict)}`);
    const atLast = withDatabase(file, (database) => {
      checkNoPartialWrites(database);
      const doubled = Number(database.prepare(duplicatesSql).get(`${round.idPrefix}%`)?.['count']);
      if (doubled > 0) throw new Error(`${doubled} sessions were taken for new more than once`);
      return trackedNumbers(database, round).length;
    });
    return { whenKilled, atLast };
  } finally {
    await app.close();
  }
}

const duplicatesSql = `SELECT count(*) AS count FROM (SELECT e.session_key FROM session_events e JOIN sessions s ON s.key = e.session_key
  WHERE e.kind = 'tracked' AND s.id LIKE ? GROUP BY 1 HAVING count(*) > 1)`;

function withDatabase<Value>(file: string, action: (database: DatabaseSync) => Value): Value {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return action(database);
  } finally {
    database.close();
  }
}
