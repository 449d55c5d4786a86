import type { ImportPreview, ImportedRow } from '../../contract/index.ts';
import { ImportRun, type ReadingRules } from './import-run.ts';

const mostRows = 20;

/** Reads the head of a file as an import would, and tracks nothing. The last line of a head that was cut is left out. */
export async function preview(rules: ReadingRules, head: Uint8Array, complete: boolean): Promise<ImportPreview> {
  const rows: ImportedRow[] = [];
  const run = new ImportRun({
    ...rules,
    badLines: 'skip',
    write: null,
    changed: () => undefined,
    seen: (row) => void (rows.length < mostRows && rows.push(row)),
  });
  await run.push(head);
  if (complete || !run.opening) await run.end();
  const { opening, fault, problems } = run;
  return {
    format: opening?.format ?? 'csv',
    encoding: opening?.encoding ?? 'utf-8',
    separator: opening?.separator ?? null,
    columns: [...(opening?.columns ?? [])],
    mapping: opening?.mapping ?? {},
    mappingFrom: opening?.mappingFrom ?? 'guessed',
    rows,
    problems: problems.slice(0, 100),
    fault,
  };
}
