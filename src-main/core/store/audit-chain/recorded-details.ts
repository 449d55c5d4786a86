/**
 * Details that the app itself reads again. Version 0.1 wrote them as English text, which its records keep. Read them
 * only from a record whose MAC is valid.
 */
import { parseAuditDetail, type AuditDetail } from '../../../contract/index.ts';
import type { AuditRow } from '../schema.ts';

type StoredDetail = Pick<AuditRow, 'action' | 'detail'>;

/** The last record of the own key before an epoch of other keys; null if the record does not state it. */
export function readEpochReach(row: StoredDetail): number | null {
  const { detail, text } = parse(row, 'epoch');
  if (detail) return detail.lastOwnSequence;
  const [, sequence] = /records of this key reach to (\d+)$/.exec(text) ?? [];
  return sequence === undefined ? null : Number(sequence);
}

/** The first damaged record; null if the record does not state it. */
export function readFirstDamaged(row: StoredDetail): number | null {
  const { detail, text } = parse(row, 'damage');
  if (detail) return detail.sequence;
  const [, sequence] = /first amiss (\d+)\b/.exec(text) ?? [];
  return sequence === undefined ? null : Number(sequence);
}

export type RecordedPlan = Pick<Extract<AuditDetail, { kind: 'plan' }>, 'sessions' | 'eligible' | 'digest'>;

/** The plan that the operator confirmed; null if the record does not state it. */
export function readConfirmedPlan(row: StoredDetail): RecordedPlan | null {
  const { detail, text } = parse(row, 'plan');
  if (detail) return detail;
  const [, sessions, eligible, digest = null] =
    /^(\d+) sessions, (\d+) to be cancelled, digest (\S+)$/.exec(text) ?? [];
  return digest === null ? null : { sessions: Number(sessions), eligible: Number(eligible), digest };
}

/** The name of the backup that was restored; null if the record does not state it. */
export function readRestoredBackup(row: StoredDetail): string | null {
  const { detail, text } = parse(row, 'restore');
  return detail ? detail.backupName : (text.split('; ')[0] ?? null);
}

function parse<Kind extends AuditDetail['kind']>({ action, detail: stored }: StoredDetail, kind: Kind) {
  const detail = stored === null ? null : parseAuditDetail(action, stored);
  const isKind = (value: AuditDetail | null): value is Extract<AuditDetail, { kind: Kind }> => value?.kind === kind;
  return { detail: isKind(detail) ? detail : null, text: detail?.kind === 'text' ? detail.text : '' };
}
