/** Which facts of a session were told otherwise than they were known: what a timeline of every change has to say. */
import { sessionField, type FieldChange, type SessionField } from '../../contract/index.ts';

export type SessionFields = Readonly<Record<SessionField, string | null>>;

/** Empty where none changed. The same amount spelled another way, `65.1` for `65.10`, is no change. */
export function diffSessionFields(before: SessionFields, after: SessionFields): FieldChange[] {
  return sessionField.options
    .filter((fact) => normalizeValue(fact, before[fact]) !== normalizeValue(fact, after[fact]))
    .map((fact) => ({ fact, from: before[fact], to: after[fact] }));
}

function normalizeValue(fact: SessionField, value: string | null): string | null {
  if (fact !== 'amount' || value === null || !/^\d+\.\d+$/.test(value)) return value;
  return value.replace(/\.?0+$/, '');
}
