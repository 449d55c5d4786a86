/** Which facts of a session were told otherwise than they were known: what a timeline of every change has to say. */
import { sessionFact, type ChangedFact, type SessionFact } from '../../contract/index.ts';

export type Facts = Readonly<Record<SessionFact, string | null>>;

/** Empty where none changed. The same amount spelled another way, `65.1` for `65.10`, is no change. */
export function changedFacts(before: Facts, after: Facts): ChangedFact[] {
  return sessionFact.options
    .filter((fact) => spelling(fact, before[fact]) !== spelling(fact, after[fact]))
    .map((fact) => ({ fact, from: before[fact], to: after[fact] }));
}

function spelling(fact: SessionFact, value: string | null): string | null {
  if (fact !== 'amount' || value === null || !/^\d+\.\d+$/.test(value)) return value;
  return value.replace(/\.?0+$/, '');
}
