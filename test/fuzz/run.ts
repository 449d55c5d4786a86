/**
 * `node test/fuzz/run.ts TARGET EXECUTIONS [SEED] [--save] [--blind]` fuzzes one target and prints the result as JSON.
 * `--save` adds the inputs that reached new code to the corpus. `--blind` does not use the coverage. Exit code 1 if an
 * input breaks a promise.
 */
import { parseArgs } from 'node:util';
import { readCorpus, writeCorpus } from './corpus.ts';
import { Coverage } from './coverage.ts';
import { fuzz, mergeCorpus, shrink } from './fuzzer.ts';

// Loaded after the coverage has started.
const coverage = await Coverage.start();
const { fuzzTargets } = await import('./targets.ts');

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { save: { type: 'boolean', default: false }, blind: { type: 'boolean', default: false } },
});
const [name = '', executionsText = '', seedText] = positionals;
const target = fuzzTargets.find((each) => each.name === name);
if (target === undefined)
  throw new Error(`Unknown target "${name}": ${fuzzTargets.map((each) => each.name).join(', ')}`);
const executions = Number(executionsText);
const seed = Number(seedText ?? Math.floor(Math.random() * 2 ** 31));
if (!(executions > 0) || !Number.isInteger(seed)) throw new Error('EXECUTIONS and SEED must be numbers.');

const startedAt = performance.now();
coverage.watch(target.files);
const stored = readCorpus(target.name);
const {
  corpus,
  failure,
  executions: count,
} = await fuzz(target, {
  corpus: stored,
  executions,
  seed,
  coverage: values.blind ? null : coverage,
});
const seconds = (performance.now() - startedAt) / 1_000;
const files = coverage.report().map(({ file, reachedShare, missedLines }) => ({
  file: file.replace(/^.*\/(?=src-main\/|test\/)/, ''),
  reachedShare: Math.round(reachedShare * 1_000) / 1_000,
  missedLines,
}));
if (values.save && failure === null) {
  coverage.watch(target.files);
  writeCorpus(target.name, await mergeCorpus(target, stored, corpus.slice(stored.length), coverage));
}
await coverage.stop();
const result = {
  target: target.name,
  seed,
  executions: count,
  perSecond: Math.round(count / seconds),
  newInputs: corpus.length - stored.length,
  files: values.blind ? [] : files,
  failure: failure && { input: await shrink(target, failure.input), error: String(failure.error) },
};
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exitCode = failure === null ? 0 : 1;
