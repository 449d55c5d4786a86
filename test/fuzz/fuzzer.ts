/**
 * Coverage-guided fuzzing: changes the inputs of a corpus at random, and keeps an input that executes code that no
 * earlier input has executed. So it goes step by step to code that random input does not reach.
 */
import { createRandomStream } from '../../src-main/core/simulator/random.ts';
import type { Coverage } from './coverage.ts';

export interface FuzzTarget {
  readonly name: string;
  /** File URLs of the modules whose coverage guides the search. */
  readonly files: readonly string[];
  /** Texts that have a meaning in the format. */
  readonly dictionary: readonly string[];
  /** Throws if a promise of the parser is broken. */
  check(input: string): void | Promise<void>;
}

export interface FuzzResult {
  readonly executions: number;
  /** The corpus and the inputs that reached new code. */
  readonly corpus: readonly string[];
  readonly failure: { readonly input: string; readonly error: unknown } | null;
}

export interface FuzzOptions {
  readonly corpus: readonly string[];
  readonly executions: number;
  readonly seed: number;
  /** Null: every input is as good as any other, and none is kept. */
  readonly coverage: Coverage | null;
}

type Random = () => number;

const maxInputLength = 2_000;
/** Reading the coverage takes longer than most inputs, so that it is read once for several inputs. */
const batchSize = 20;
const interestingCharacters = [
  '\0',
  '\t',
  '\n',
  '\r',
  ' ',
  '"',
  "'",
  '0',
  '9',
  'a',
  'Z',
  'é',
  '😀',
  '\u2028',
  '\ufeff',
];

const pick = <T>(random: Random, items: readonly [T, ...T[]] | readonly T[], fallback: T): T =>
  items[Math.floor(random() * items.length)] ?? fallback;

/** One random change of a text. */
function mutateOnce(random: Random, text: string, corpus: readonly string[], dictionary: readonly string[]): string {
  const from = Math.floor(random() * (text.length + 1));
  const to = Math.min(text.length, from + 1 + Math.floor(random() ** 3 * 40));
  const before = text.slice(0, from);
  switch (Math.floor(random() * 8)) {
    case 0:
      return before + text.slice(to);
    case 1:
      return text.slice(0, to) + text.slice(from);
    case 2:
      return before + pick(random, dictionary, '') + text.slice(from);
    case 3:
      return before + pick(random, dictionary, '') + text.slice(to);
    case 4:
      return before + pick(random, interestingCharacters, ' ') + text.slice(from + 1);
    case 5:
      return before + String.fromCharCode(32 + Math.floor(random() * 95)) + text.slice(from);
    case 6:
      return before + text.slice(from, to).repeat(2 + Math.floor(random() * 6)) + text.slice(to);
    default: {
      const other = pick(random, corpus, '');
      return before + other.slice(Math.floor(random() * (other.length + 1)));
    }
  }
}

function mutate(random: Random, corpus: readonly string[], dictionary: readonly string[]): string {
  let text = pick(random, corpus, '');
  const count = 1 + Math.floor(random() * 4);
  for (let index = 0; index < count; index += 1) text = mutateOnce(random, text, corpus, dictionary);
  return text.slice(0, maxInputLength);
}

/** Runs a target until an input breaks a promise, or until the number of executions is reached. */
export async function fuzz(target: FuzzTarget, options: FuzzOptions): Promise<FuzzResult> {
  const { executions, seed, coverage } = options;
  const random = createRandomStream(seed, 0);
  const corpus = [...options.corpus];
  let count = 0;

  /** Checks inputs. Returns the first failure. */
  const run = async (inputs: readonly string[]): Promise<FuzzResult['failure']> => {
    for (const input of inputs) {
      count += 1;
      try {
        await target.check(input);
      } catch (error) {
        return { input, error };
      }
    }
    return null;
  };

  let failure = await run(corpus);
  await coverage?.collect();
  while (failure === null && count < executions) {
    const inputs = Array.from({ length: batchSize }, () => mutate(random, corpus, target.dictionary));
    const before = coverage?.snapshot();
    failure = await run(inputs);
    if (failure !== null || !coverage || !before || (await coverage.collect()) === 0) continue;
    // An input of this batch reached new code: find out which.
    coverage.restore(before);
    for (const input of inputs) {
      failure ??= await run([input]);
      if ((await coverage.collect()) > 0) corpus.push(input);
    }
  }
  return { executions: count, corpus, failure };
}

/** The stored inputs, and those of `found` that are needed to reach the same code, short ones first. */
export async function mergeCorpus(
  target: FuzzTarget,
  stored: readonly string[],
  found: readonly string[],
  coverage: Coverage,
): Promise<string[]> {
  const kept = [...stored];
  for (const input of kept) await target.check(input);
  await coverage.collect();
  for (const input of [...new Set(found)].sort((left, right) => left.length - right.length)) {
    await target.check(input);
    if ((await coverage.collect()) > 0) kept.push(input);
  }
  return kept;
}

/** A shorter input that still breaks a promise, for the report. */
export async function shrink(target: FuzzTarget, input: string): Promise<string> {
  const fails = async (text: string): Promise<boolean> => {
    try {
      await target.check(text);
      return false;
    } catch {
      return true;
    }
  };
  let shortest = input;
  for (let size = Math.ceil(shortest.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let from = 0; from < shortest.length;) {
      const candidate = shortest.slice(0, from) + shortest.slice(from + size);
      if (await fails(candidate)) shortest = candidate;
      else from += size;
    }
  return shortest;
}
