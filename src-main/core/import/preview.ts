import type { ImportPreview, ImportedRow } from '../../contract/index.ts';
import { ImportRun, type ReadingOptions } from './import-run.ts';

const maxPreviewRows = 20;

/**
 * Reads the head of a file like an import, without storing sessions. If `isComplete` is false, the result leaves out
 * the last line, which may be incomplete.
 */
export async function preview(options: ReadingOptions, head: Uint8Array, isComplete: boolean): Promise<ImportPreview> {
  const rows: ImportedRow[] = [];
  const run = new ImportRun({
    ...options,
    onInvalidLine: 'skip',
    writeBatch: null,
    onProgress: () => undefined,
    onRow: (row) => void (rows.length < maxPreviewRows && rows.push(row)),
  });
  await run.push(head);
  if (isComplete || !run.layout) await run.end();
  const { layout, error, problems } = run;
  return {
    format: layout?.format ?? 'csv',
    encoding: layout?.encoding ?? 'utf-8',
    separator: layout?.separator ?? null,
    columns: [...(layout?.columns ?? [])],
    mapping: layout?.mapping ?? {},
    mappingSource: layout?.mappingSource ?? 'guessed',
    rows,
    problems: problems.slice(0, 100),
    error,
  };
}
