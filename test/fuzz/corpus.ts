/** The stored inputs of each target, in test/fuzz/corpus. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const corpusUrl = (target: string) => new URL(`corpus/${target}.json`, import.meta.url);

/** Empty text, if a target has no corpus. */
export function readCorpus(target: string): string[] {
  const url = corpusUrl(target);
  return existsSync(url) ? z.array(z.string()).parse(JSON.parse(readFileSync(url, 'utf8'))) : [''];
}

export function writeCorpus(target: string, inputs: readonly string[]): void {
  writeFileSync(corpusUrl(target), `${JSON.stringify(inputs, null, 2)}\n`);
}
