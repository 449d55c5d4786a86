/** `npm run soak [-- SEED [ROUNDS]]`: kills a writing console again and again, on one folder, and checks what is left each time. */
import { freshFolder } from '../support/desk.ts';
import { checkPromises, crashRound, points } from './crash.ts';
import type { Promised } from './writer.ts';

const [seedText, roundsText] = process.argv.slice(2);
const seed = Number(seedText ?? Math.floor(Math.random() * 2 ** 31));
const rounds = Number(roundsText ?? 200);
const folder = freshFolder();
const kept: Promised[] = [];
console.log(`seed ${seed}, ${rounds} kills; again with: npm run soak -- ${seed} ${rounds}\nfolder ${folder}\n`);

for (const [index, point] of points(seed, rounds).entries()) {
  try {
    const { answers, records } = await crashRound(folder, point, kept);
    console.log(`${String(index + 1).padStart(4)}  ${JSON.stringify(point).padEnd(24)} ${String(answers).padStart(5)} answers  ${String(records).padStart(8)} records, all there`);
  } catch (error) {
    console.error(`kill ${index + 1} of seed ${seed}, ${JSON.stringify(point)}: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}
checkPromises(folder, kept);
console.log(`\n${rounds} kills, ${kept.length} answers, none broken.`);
