/** Export of sessions, by filter or selection, as CSV or JSON Lines. */
import { z } from 'zod';
import { message } from './messages/index.ts';

export const exportFormat = z.enum(['jsonl', 'csv']);
export type ExportFormat = z.infer<typeof exportFormat>;

export const exportOptions = {
  format: exportFormat,
  /** Exports full session ids. An id opens the customer's payment page, so ids are masked by default. */
  unmaskedIds: z.boolean().default(false),
};

export const exportState = z.object({
  exportId: z.uuid(),
  state: z.enum(['running', 'finished', 'stopped', 'failed']),
  total: z.int(),
  written: z.int(),
  /** Path in the workspace folder; null until the file is complete. */
  file: z.string().nullable(),
  /** Why the export failed, and what to do. */
  error: message.nullable(),
});
export type ExportState = z.infer<typeof exportState>;

export const exportInputs = { byId: z.object({ exportId: z.uuid() }) };
