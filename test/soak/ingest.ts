/** Kills the app during an import, a URL feed or a folder feed, resumes it and counts all sessions. */
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
      const source = ([importSource, urlFeedSource, folderFeedSource] as const)[number % 3]?.() ?? importSource();
      const round = { connectionId, idPrefix: `r${number}-`, random };
      try {
        const { countAtKill, finalCount } = await killAndResume(dataFolder, keychain, source, round);
        const counts = `${String(countAtKill).padStart(5)} sessions at the kill, ${finalCount} at the end`;
        yield `${source.name.padEnd(16)} ${counts}, no duplicates`;
      } finally {
        await source.dispose();
      }
    }
  },
};

async function killAndResume(
  dataFolder: string,
  keychain: ReturnType<typeof memoryKeychain>,
  source: IngestSource,
  round: IngestRound,
) {
  const killedApp = await spawnApp(dataFolder, [...keychain.entries]);
  await source.start(killedApp, round);
  await killedApp.kill();
  for (const [account, secret] of killedApp.secrets()) keychain.entries.set(account, secret);

  const app = await openTestApp({ dataFolder, keychain });
  const file = join(dataFolder, 'work', 'desk.sqlite');
  try {
    const countAtKill = withDatabase(file, (database) => {
      source.inspect(database, round);
      return trackedNumbers(database, round).length;
    });
    await source.resume(app, round);
    const verification = await app.handlers['audit.verify']({});
    if (verification.result !== 'intact')
      throw new Error(`The audit log is not intact: ${JSON.stringify(verification)}`);
    const finalCount = withDatabase(file, (database) => {
      checkNoPartialWrites(database);
      const duplicateCount = Number(database.prepare(duplicatesSql).get(`${round.idPrefix}%`)?.['count']);
      if (duplicateCount > 0) throw new Error(`${duplicateCount} sessions were added more than once`);
      return trackedNumbers(database, round).length;
    });
    return { countAtKill, finalCount };
  } finally {
    await app.close();
  }
}

const duplicatesSql = `SELECT count(*) AS count FROM (
  SELECT e.session_key FROM session_events e JOIN sessions s ON s.key = e.session_key
  WHERE e.kind = 'tracked' AND s.id LIKE ? GROUP BY 1 HAVING count(*) > 1)`;

function withDatabase<Value>(file: string, action: (database: DatabaseSync) => Value): Value {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return action(database);
  } finally {
    database.close();
  }
}
