import { createMessage } from '../../contract/index.ts';
import type { ImportProblem } from '../../contract/index.ts';
import type { ReportedSession } from '../store/index.ts';
import { columnsKey, restrictMapping, guessMapping } from './column-mapping.ts';
import { createRowParser } from './row-parser.ts';
import type { ReadingOptions } from './import-run.ts';
import { collectKeys } from './detect-format.ts';

/** Reads sessions that are objects already, such as a page of a feed; a problem's line is the object's number, from 1. */
export async function readObjects(
  options: ReadingOptions,
  objects: readonly unknown[],
): Promise<{ sessions: ReportedSession[]; lines: number; problems: ImportProblem[] }> {
  const { parseOptions } = options;
  const fields = objects.map(toFields);
  const columns = collectKeys(fields.filter((each) => each !== null));
  const remembered = parseOptions.mapping ? null : await options.findRememberedMapping(columnsKey(columns));
  const usable = remembered && restrictMapping(remembered, columns);
  const read = createRowParser({
    ...options,
    columns,
    mapping: parseOptions.mapping ?? (usable?.id ? usable : guessMapping(columns)),
  });
  const sessions: ReportedSession[] = [];
  const problems: ImportProblem[] = [];
  for (const [index, each] of fields.entries()) {
    if (each === null) {
      const message = 'A session is written as an object, { … }, and this is none.';
      problems.push({
        line: index + 1,
        column: null,
        name: null,
        ...createMessage('app.verbatim', { text: message }),
        suggestion: null,
        kind: 'refused',
      });
      continue;
    }
    const { row, problems: found } = read({ kind: 'object', line: index + 1, column: 1, fields: each });
    problems.push(...found);
    if (row) {
      const { line: _line, ...session } = row;
      sessions.push(session);
    }
  }
  return { sessions, lines: objects.length, problems };
}

function toFields(object: unknown): Record<string, unknown> | null {
  return typeof object === 'object' && object !== null && !Array.isArray(object)
    ? (object as Record<string, unknown>)
    : null;
}
