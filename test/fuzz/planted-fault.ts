/** A parser with a fault that only one sequence of characters reaches. Random input does not find it. */
import type { FuzzTarget } from './fuzzer.ts';

/** Each correct character executes code of its own, which the coverage shows. */
function parse(text: string): void {
  if (text[0] !== 'v') return;
  if (text[1] !== '7') return;
  if (text[2] !== '=') return;
  if (text[3] !== 'q') return;
  if (text[4] !== 'K') return;
  if (text[5] === '~') throw new Error('This is the planted fault.');
}

export const plantedFaultTarget: FuzzTarget = {
  name: 'planted-fault',
  files: [import.meta.url],
  dictionary: [],
  check: parse,
};
