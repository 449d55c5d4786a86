import type { ImportProblem } from '../../contract/index.ts';
import type { ToldSession } from '../store/index.ts';
import { columnsKey, fitting, guessMapping } from './column-mapping.ts';
import { rowReader } from './row-parser.ts';
import type { ReadingRules } from './import-run.ts';
import { keysOf } from './detect-format.ts';

/** Reads sessions that are objects already, such as a page of a feed; a problem's line is the object's number, from 1. */
export async function objectReader(
  rules: ReadingRules,
  objects: readonly unknown[],
): Promise<{ good: ToldSession[]; lines: number; problems: ImportProblem[] }> {
  const { reading } = rules;
  const fields = objects.map(fieldsOf);
  const columns = keysOf(fields.filter((each) => each !== null));
  const remembered = reading.mapping ? null : await rules.remembered(columnsKey(columns));
  const usable = remembered && fitting(remembered, columns);
  const read = rowReader({
    ...rules,
    columns,
    mapping: reading.mapping ?? (usable?.id ? usable : guessMapping(columns)),
  });
  const good: ToldSession[] = [];
  const problems: ImportProblem[] = [];
  for (const [index, each] of fields.entries()) {
    if (each === null) {
      const message = 'A session is written as an object, { … }, and this is none.';
      problems.push({ line: index + 1, column: null, name: null, message, suggestion: null, kind: 'refused' });
      continue;
    }
    const { row, problems: found } = read({ kind: 'object', line: index + 1, column: 1, fields: each });
    problems.push(...found);
    if (row) {
      const { line: _line, ...session } = row;
      good.push(session);
    }
  }
  return { good, lines: objects.length, problems };
}

function fieldsOf(object: unknown): Record<string, unknown> | null {
  return typeof object === 'object' && object !== null && !Array.isArray(object)
    ? (object as Record<string, unknown>)
    : null;
}
