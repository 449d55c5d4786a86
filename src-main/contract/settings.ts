/** What a desk is set to: who sits at it, why sessions are cancelled, and how careful it is. Looks and languages are the screen's own. */
import { z } from 'zod';
import { maxSessionsWithoutTypedCount } from './batches.ts';

/** Parentheses are the console's own: the OS user stands in them behind the name. */
export const operatorName = z
  .string()
  .trim()
  .max(60, 'A name has at most 60 characters.')
  .regex(/^[^()\p{C}]*$/u, 'Write a name without parentheses.')
  .transform((text) => text.normalize('NFC') || null)
  .nullable();

/** The saved reasons, in the order in which they are offered. */
export const savedReasons = z
  .array(z.string().trim().min(1, 'Write a reason.').max(80, 'A reason has at most 80 characters.'))
  .min(1, 'Keep at least one reason.')
  .max(40, 'At most 40 reasons can be saved.');

/** May only be as strict as the console's own rule, or stricter; in production the number is typed for any count. */
export const typedCountThreshold = z.int().min(0).max(maxSessionsWithoutTypedCount);

export const settings = z.object({
  operator: z.object({ osUser: z.string(), name: z.string().nullable() }),
  /** null: those that the console comes with. */
  reasons: savedReasons.nullable(),
  /** Above so many sessions the operator types how many. */
  typedCountThreshold,
  /** Whether a single character pressed alone is a shortcut: this user's own. */
  singleKeyShortcutsEnabled: z.boolean(),
});
export type Settings = z.infer<typeof settings>;

/** What is left out stays as it is. */
export const settingsChange = z.object({
  operatorName: operatorName.optional(),
  reasons: savedReasons.nullable().optional(),
  typedCountThreshold: typedCountThreshold.optional(),
  singleKeyShortcutsEnabled: z.boolean().optional(),
});

/** A bundle for a case: its parts as they would be written, for somebody to look at before it is. */
export const diagnosticsBundle = z.object({
  diagnosticsId: z.uuid(),
  files: z.array(z.object({ name: z.string(), bytes: z.int(), text: z.string() })),
});
export type DiagnosticsBundle = z.infer<typeof diagnosticsBundle>;
