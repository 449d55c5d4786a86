import { describe, expect, it } from 'vitest';
import { readCorpus } from '../../fuzz/corpus.ts';
import { fuzz, shrink } from '../../fuzz/fuzzer.ts';
import type { FuzzTarget } from '../../fuzz/fuzzer.ts';
import { parserTargets } from '../../fuzz/targets.ts';
import { nonEmpty } from '../../support/non-empty.ts';

it.each(nonEmpty(parserTargets))('fuzzing: $name keeps its promises for every input of the corpus', async (target) => {
  const corpus = readCorpus(target.name);
  expect(corpus.length).toBeGreaterThan(1);
  for (const input of nonEmpty(corpus)) await expect(Promise.resolve(target.check(input))).resolves.toBeUndefined();
});

describe('the fuzzer', () => {
  /** Fails for each input that contains "b" after an "a". */
  const target: FuzzTarget = {
    name: 'a-b',
    files: [],
    dictionary: ['a', 'b'],
    check(input) {
      if (/a.*b/.test(input)) throw new Error('has a b after an a');
    },
  };
  const options = { corpus: [''], executions: 5_000, seed: 1, coverage: null };

  it('finds an input that breaks a promise, and the same one with the same seed', async () => {
    const { failure, executions } = await fuzz(target, options);
    expect(failure?.input).toMatch(/a.*b/);
    expect(await fuzz(target, options)).toMatchObject({ failure: { input: failure?.input }, executions });
  });

  it('reports no failure if there is none, after the given number of executions', async () => {
    const result = await fuzz({ ...target, check: () => undefined }, options);
    expect(result.failure).toBeNull();
    expect(result.executions).toBeGreaterThanOrEqual(options.executions);
    expect(result.executions).toBeLessThan(options.executions + 100);
  });

  it('an input of the corpus that breaks a promise is a failure', async () => {
    const { failure, executions } = await fuzz(target, { ...options, corpus: ['x', 'ab'] });
    expect(failure?.input).toBe('ab');
    expect(executions).toBe(2);
  });

  it('shrink: removes everything that the failure does not need', async () => {
    expect(await shrink(target, `${'x'.repeat(50)}a${'y'.repeat(30)}bz`)).toBe('ab');
  });
});
