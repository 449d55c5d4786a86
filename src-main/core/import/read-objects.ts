import { createMessage, type ImportProblem } from '../../contract/index.ts';
import type { ReportedSession } from '../store/index.ts';
import { columnsKey, restrictMapping, guessMapping } from './column-mapping.ts';
import { createRowParser } from './row-parser.ts';
import type { ReadingOptions } from './import-run.ts';
import { collectKeys } from './detect-format.ts';

/** Reads parsed sessions, such as a page of a feed. The line of a problem is the number of the object, from 1. */
export async function readObjects(
  options: ReadingOptions,
  objects: readonly unknown[],
): Promise<{ sessions: ReportedSession[]; lines: number; problems: ImportProblem[] }> {
  const { parseOptions } = options;
  const records = objects.map(toRecord);
  const columns = collectKeys(records.filter((record) => record !== null));
  const storedMapping = parseOptions.mapping ? null : await options.findRememberedMapping(columnsKey(columns));
  const rememberedMapping = storedMapping && restrictMapping(storedMapping, columns);
  const parseRow = createRowParser({
    ...options,
    columns,
    mapping: parseOptions.mapping ?? (rememberedMapping?.id ? rememberedMapping : guessMapping(columns)),
  });
  const sessions: ReportedSession[] = [];
  const problems: ImportProblem[] = [];
  for (const [index, fields] of records.entries()) {
    if (fields === null) {
      problems.push({
        line: index + 1,
        column: null,
        name: null,
        ...createMessage('import.sessionNotObject'),
        suggestion: null,
        kind: 'refused',
      });
      continue;
    }
    const { row, problems: rowProblems } = parseRow({ kind: 'object', line: index + 1, column: 1, fields });
    problems.push(...rowProblems);
    if (row) {
      const { line: _line, ...session } = row;
      sessions.push(session);
    }
  }
  return { sessions, lines: objects.length, problems };
}

function toRecord(object: unknown): Record<string, unknown> | null {
  return typeof object === 'object' && object !== null && !Array.isArray(object)
    ? (object as Record<string, unknown>)
    : null;
}
