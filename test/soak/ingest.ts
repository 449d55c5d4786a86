/** Kills a console while sessions come in by a file, a feed's pages or a watched folder, lets it go on, and counts them all. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { seededRandom } from '../../src-main/core/simulator/random.ts';
import { connect, freshFolder, memoryKeychain, nowhere, openTestDesk } from '../support/app.ts';
import { spawnDesk } from '../support/spawn-app.ts';
import { checkNothingHalfDone } from './crash.ts';
import type { Soak } from './soak-test.ts';
import { trackedOf, type Round, type Way } from './ingest-source.ts';
import { folderWay, importWay, urlWay } from './ingest-sources.ts';

export const intake: Soak = {
  name: 'intake',
  rounds: 60,
  async *run(seed, rounds) {
    const dataFolder = freshFolder();
    const keychain = memoryKeychain();
    const first = await openTestDesk({ dataFolder, keychain });
    const connectionId = (await connect(first, nowhere)).flinks.id;
    await first.close();
    for (let number = 0; number < rounds; number += 1) {
      const random = seededRandom(seed + number);
      const way = ([importWay, urlWay, folderWay] as const)[number % 3]?.() ?? importWay();
      const round = { connectionId, prefix: `r${number}-`, random };
      try {
        const { whenKilled, atLast } = await killAndGoOn(dataFolder, keychain, way, round);
        yield `${way.name.padEnd(16)} ${String(whenKilled).padStart(5)} sessions when it was killed, ${atLast} at last, each once`;
      } finally {
        await way.end();
      }
    }
  },
};

async function killAndGoOn(dataFolder: string, keychain: ReturnType<typeof memoryKeychain>, way: Way, round: Round) {
  const doomed = await spawnDesk(dataFolder, [...keychain.entries]);
  await way.begin(doomed, round);
  await doomed.kill();
  for (const [account, secret] of doomed.secrets()) keychain.entries.set(account, secret);

  const desk = await openTestDesk({ dataFolder, keychain });
  const file = join(dataFolder, 'work', 'desk.sqlite');
  try {
    const whenKilled = withDatabase(file, (database) => {
      way.look(database, round);
      return trackedOf(database, round).length;
    });
    await way.goOn(desk, round);
    const verdict = await desk.handlers['audit.verify']({});
    if (verdict.verdict !== 'intact') throw new Error(`The log does not verify: ${JSON.stringify(verdict)}`);
    const atLast = withDatabase(file, (database) => {
      checkNothingHalfDone(database);
      const doubled = Number(database.prepare(doubledSql).get(`${round.prefix}%`)?.['count']);
      if (doubled > 0) throw new Error(`${doubled} sessions were taken for new more than once`);
      return trackedOf(database, round).length;
    });
    return { whenKilled, atLast };
  } finally {
    await desk.close();
  }
}

const doubledSql = `SELECT count(*) AS count FROM (SELECT e.session_key FROM session_events e JOIN sessions s ON s.key = e.session_key
  WHERE e.kind = 'tracked' AND s.id LIKE ? GROUP BY 1 HAVING count(*) > 1)`;

function withDatabase<Value>(file: string, action: (database: DatabaseSync) => Value): Value {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return action(database);
  } finally {
    database.close();
  }
}
