/** Compares the fields of a session before and after a change, for its timeline. */
import { sessionField, type FieldChange, type SessionField } from '../../contract/index.ts';

export type SessionFields = Readonly<Record<SessionField, string | null>>;

/** Returns an empty list if no field changed. An equal amount in another notation (`65.1`, `65.10`) is not a change. */
export function diffSessionFields(before: SessionFields, after: SessionFields): FieldChange[] {
  return sessionField.options
    .filter((field) => normalizeValue(field, before[field]) !== normalizeValue(field, after[field]))
    .map((field) => ({ fact: field, from: before[field], to: after[field] }));
}

function normalizeValue(field: SessionField, value: string | null): string | null {
  if (field !== 'amount' || value === null || !/^\d+\.\d+$/.test(value)) return value;
  return value.replace(/\.?0+$/, '');
}
