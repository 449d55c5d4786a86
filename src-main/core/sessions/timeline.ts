import { assertNever, type FieldChange, type TimelineEntry } from '../../contract/index.ts';
import type { SessionEventRow } from '../store/index.ts';

/** Converts a stored session event into an entry of the session's timeline. */
export function toTimelineEntry(event: SessionEventRow): TimelineEntry {
  const { at, kind, rawStatus, rawDetail } = event;
  const to = event.toStatus ?? 'unknown';
  switch (kind) {
    case 'tracked':
      return { kind, at, operator: event.operator ?? '' };
    case 'status':
      return { kind, at, from: event.fromStatus, to, rawStatus, rawDetail };
    case 'event':
      return { kind, at, providerTime: event.toldWhen, to, rawStatus, rawDetail };
    case 'facts':
      return { kind, at, changes: JSON.parse(event.facts ?? '[]') as FieldChange[] };
    case 'note':
      return { kind, at, operator: event.operator ?? '', note: event.note };
    default:
      return assertNever(kind);
  }
}
