/** `npm run soak [-- SEED [ROUNDS [NAME]]]` runs all soak tests, or the named one. */
import { batchSoak } from './batch.ts';
import { crashSoak } from './crash.ts';
import { ingestSoak } from './ingest.ts';
import { messageFuzzSoak } from './message-fuzz.ts';
import type { SoakTest } from './soak-test.ts';

const soakTests: readonly SoakTest[] = [crashSoak, ingestSoak, batchSoak, messageFuzzSoak];

const [seedText, roundsText, selectedName] = process.argv.slice(2);
const seed = Number(seedText ?? Math.floor(Math.random() * 2 ** 31));
if (selectedName !== undefined && !soakTests.some(({ name }) => name === selectedName)) {
  throw new Error(`Unknown soak test "${selectedName}". Available: ${soakTests.map(({ name }) => name).join(', ')}`);
}

for (const soak of soakTests.filter(({ name }) => selectedName === undefined || name === selectedName)) {
  const rounds = Number(roundsText ?? soak.defaultRounds);
  console.log(`${soak.name}: ${rounds} rounds. Repeat with: npm run soak -- ${seed} ${rounds} ${soak.name}\n`);
  let passedRounds = 0;
  try {
    for await (const line of soak.run(seed, rounds)) console.log(`${String((passedRounds += 1)).padStart(4)}  ${line}`);
  } catch (error) {
    console.error(
      `${soak.name}, round ${passedRounds + 1} of seed ${seed}: ` +
        (error instanceof Error ? error.message : String(error)),
    );
    process.exit(1);
  }
  console.log(`\n${soak.name}: ${passedRounds} rounds passed.\n`);
}
