import type { ImportPreview, ImportedRow } from '../../contract/index.ts';
import { ImportRun, type ReadingOptions } from './import-run.ts';

const maxPreviewRows = 20;

/** Reads the head of a file as an import would, and tracks nothing. The last line of a head that was cut is left out. */
export async function preview(rules: ReadingOptions, head: Uint8Array, complete: boolean): Promise<ImportPreview> {
  const rows: ImportedRow[] = [];
  const run = new ImportRun({
    ...rules,
    badLines: 'skip',
    writeBatch: null,
    onProgress: () => undefined,
    onRow: (row) => void (rows.length < maxPreviewRows && rows.push(row)),
  });
  await run.push(head);
  if (complete || !run.layout) await run.end();
  const { layout, fault: error, problems } = run;
  return {
    format: layout?.format ?? 'csv',
    encoding: layout?.encoding ?? 'utf-8',
    separator: layout?.separator ?? null,
    columns: [...(layout?.columns ?? [])],
    mapping: layout?.mapping ?? {},
    mappingSource: layout?.mappingFrom ?? 'guessed',
    rows,
    problems: problems.slice(0, 100),
    error,
  };
}
