/** Sessions in a file: what a filter matches or a selection, as CSV or JSON lines. */
import { z } from 'zod';
import { message } from './messages/index.ts';

export const exportOptions = {
  format: z.enum(['csv', 'jsonl']),
  /** Whole session ids: whoever holds one can open the payer's page. Masked unless asked for. */
  unmaskedIds: z.boolean().default(false),
};

export const exportState = z.object({
  exportId: z.uuid(),
  state: z.enum(['running', 'finished', 'stopped', 'failed']),
  total: z.int(),
  written: z.int(),
  /** In the workspace's own folder; null until it is complete: a file that is there is whole. */
  file: z.string().nullable(),
  /** Why it failed, and what to do. */
  error: message.nullable(),
});
export type ExportState = z.infer<typeof exportState>;

export const exportInputs = { byId: z.object({ exportId: z.uuid() }) };
