/** Schemas of the settings and of the diagnostics bundle. The renderer stores theme and language itself. */
import { z } from 'zod';
import { maxSessionsWithoutTypedCount } from './batches.ts';

/** Without parentheses, because the OS user name is appended in parentheses. */
export const operatorName = z
  .string()
  .trim()
  .max(60, 'validation.operatorNameTooLong')
  .regex(/^[^()\p{C}]*$/u, 'validation.operatorNameInvalid')
  .transform((text) => text.normalize('NFC') || null)
  .nullable();

/** The cancellation reasons, in display order. */
export const savedReasons = z
  .array(z.string().trim().min(1, 'validation.savedReasonEmpty').max(80, 'validation.savedReasonTooLong'))
  .min(1, 'validation.savedReasonsEmpty')
  .max(40, 'validation.tooManySavedReasons');

/** At most the built-in threshold. In production, the operator types the number for every batch. */
export const typedCountThreshold = z.int().min(0).max(maxSessionsWithoutTypedCount);

export const settings = z.object({
  operator: z.object({ osUser: z.string(), name: z.string().nullable() }),
  /** null: the default reasons. */
  reasons: savedReasons.nullable(),
  /** Above this number of sessions, the operator types the number to confirm. */
  typedCountThreshold,
  /** Whether single-key shortcuts are enabled; stored per user. */
  singleKeyShortcutsEnabled: z.boolean(),
  /** Whether recordings of the screen show no content of the window; stored per user, used by the window only. */
  isHiddenFromRecordings: z.boolean(),
});
export type Settings = z.infer<typeof settings>;

/** Omitted fields do not change. */
export const settingsChange = z.object({
  operatorName: operatorName.optional(),
  reasons: savedReasons.nullable().optional(),
  typedCountThreshold: typedCountThreshold.optional(),
  singleKeyShortcutsEnabled: z.boolean().optional(),
  isHiddenFromRecordings: z.boolean().optional(),
});

/** The files of a diagnostics bundle, for review before it is written. */
export const diagnosticsBundle = z.object({
  diagnosticsId: z.uuid(),
  files: z.array(z.object({ name: z.string(), bytes: z.int(), text: z.string() })),
});
export type DiagnosticsBundle = z.infer<typeof diagnosticsBundle>;
