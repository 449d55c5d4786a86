/** `npm run soak [-- SEED [ROUNDS [NAME]]]`: kills the console again and again, in all it does or in one of it, and checks what is left. */
import { batches } from './batch.ts';
import { crashes } from './crash.ts';
import { intake } from './ingest.ts';
import { hostileMessages } from './message-fuzz.ts';
import type { Soak } from './soak-test.ts';

const soaks: readonly Soak[] = [crashes, intake, batches, hostileMessages];

const [seedText, roundsText, chosen] = process.argv.slice(2);
const seed = Number(seedText ?? Math.floor(Math.random() * 2 ** 31));
if (chosen !== undefined && !soaks.some(({ name }) => name === chosen)) {
  throw new Error(`There is no soak "${chosen}"; there are: ${soaks.map(({ name }) => name).join(', ')}`);
}

for (const soak of soaks.filter(({ name }) => chosen === undefined || name === chosen)) {
  const rounds = Number(roundsText ?? soak.rounds);
  console.log(`${soak.name}: ${rounds} rounds; again with: npm run soak -- ${seed} ${rounds} ${soak.name}\n`);
  let survived = 0;
  try {
    for await (const line of soak.run(seed, rounds)) console.log(`${String((survived += 1)).padStart(4)}  ${line}`);
  } catch (error) {
    console.error(
      `${soak.name}, round ${survived + 1} of seed ${seed}: ${error instanceof Error ? error.message : String(error)}`,
    );
    process.exit(1);
  }
  console.log(`\n${soak.name}: ${survived} rounds, no promise broken.\n`);
}
