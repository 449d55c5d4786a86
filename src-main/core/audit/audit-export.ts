/** Exports the audit log to a file that others can verify. The format is described in src-main/verify-audit.ts. */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  formatAuditDetail,
  parseAuditDetail,
  type AuditExport,
  type AuditFilter,
  type ExportFormat,
} from '../../contract/index.ts';
import { formatCsv, formatFileTime, formatJsonLines } from '../file-formats.ts';
import { macFields, type AuditHead, type AuditRow, type Store } from '../store/index.ts';
import { writeFileAtomically } from '../atomic-write.ts';
import { ensurePrivateFolder } from '../private-folder.ts';

const sliceRecords = 1_000;
const fields = [...macFields, 'mac'] as const;

export interface AuditExportOptions {
  readonly format: ExportFormat;
  readonly filter: AuditFilter | undefined;
  readonly folder: string;
  readonly signal: AbortSignal;
}

/**
 * Writes the matching records up to the current end of the log, oldest first, then the log head with an export MAC. A
 * truncated file is detected even without the key. The file has mode 0600.
 */
export async function exportAudit(store: Store, options: AuditExportOptions): Promise<AuditExport> {
  const { format, filter, folder, signal } = options;
  const exportedAt = new Date();
  ensurePrivateFolder(folder);
  const file = join(folder, `audit-${formatFileTime(exportedAt)}-${crypto.randomUUID().slice(0, 4)}.${format}`);
  const head = store.auditHead;
  const complete = filter === undefined;
  let records = 0;
  async function* lines(): AsyncGenerator<string> {
    const write = format === 'csv' ? csv : jsonLines;
    const header = {
      format: 'session-desk audit export v2',
      exportedAt: exportedAt.toISOString(),
      keyId: head.keyId,
      complete,
      upTo: head.sequence,
      filter: filter ?? null,
    };
    yield write.header(header);
    for (let after = 0; ;) {
      const rows = await store.run('auditSlice', { after, upTo: head.sequence, limit: sliceRecords, filter });
      if (rows.length > 0) yield write.records(rows);
      records += rows.length;
      after = rows.at(-1)?.sequence ?? after;
      if (rows.length < sliceRecords) break;
    }
    const extent = { records, complete };
    yield write.footer({
      head,
      ...extent,
      seal: await store.run('exportMac', { headerLine: JSON.stringify(header), head, extent }),
    });
  }
  await writeFileAtomically(file, (path) =>
    pipeline(Readable.from(lines()), createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }), { signal }),
  );
  return { file, records };
}

interface ExportWriter {
  header(values: object): string;
  records(rows: readonly AuditRow[]): string;
  footer(values: { head: AuditHead; records: number; complete: boolean; seal: string }): string;
}

const jsonLines: ExportWriter = {
  header: (values) => formatJsonLines([values]),
  records: (rows) =>
    formatJsonLines(
      rows.map((row) =>
        Object.fromEntries(
          fields.map((field) => [field, field === 'detail' ? toDetailObject(row.detail) : row[field]]),
        ),
      ),
    ),
  footer: (values) => formatJsonLines([values]),
};

/** The object, if the stored text is exactly its JSON: then the MAC can be verified from the object. */
function toDetailObject(stored: string | null): object | string | null {
  if (!stored?.startsWith('{')) return stored;
  try {
    const value = JSON.parse(stored) as object;
    return JSON.stringify(value) === stored ? value : stored;
  } catch {
    return stored;
  }
}

/** For spreadsheets: details are texts, and an apostrophe precedes what a spreadsheet would read as a formula. */
const csv: ExportWriter = {
  header: () => formatCsv([fields]),
  records: (rows) =>
    formatCsv(rows.map((row) => fields.map((field) => (field === 'detail' ? toDetailText(row) : row[field])))),
  footer: ({ head, ...rest }) =>
    formatCsv([
      fields.map((field) => {
        if (field === 'action') return 'export_head';
        if (field === 'sequence') return head.sequence;
        if (field === 'detail') return JSON.stringify({ log: head.log, ...rest });
        return field === 'keyId' ? head.keyId : field === 'mac' ? head.mac : null;
      }),
    ]),
};

function toDetailText({ action, detail }: AuditRow): string | null {
  return detail === null ? null : formatAuditDetail(parseAuditDetail(action, detail)).message;
}
