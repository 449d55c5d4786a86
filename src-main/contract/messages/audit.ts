/** Texts of the details of audit records. */
import { joinText } from './join-text.ts';

export const audit = {
  list: '{first}, {rest}',
  noValue: 'none',
  on: 'on',
  off: 'off',
  fieldChange: '{field}: {from} → {to}',
  valueChange: '{from} → {to}',
  recordNumber: 'record {sequence}',
  records: '{count} record | {count} records',
  sessions: '{count} session | {count} sessions',
  workWorkspace: 'workspace Work, version {version}',
  practiceWorkspace: 'workspace Practice, version {version}',

  /** `detail`: `secretWithheld` or `secretWithheldUnknown`. */
  ofFeed: 'feed {feed}: {detail}',
  secretWithheld: 'stored for {storedFor}, not sent to {destination}',
  secretWithheldUnknown: 'stored for an unknown destination, not sent to {destination}',
  rateLimit: '{perSecond} a second, {maxInFlight} at the same time',
  /** The number of the cancel request. */
  call: 'Request {call}',

  import: '{file}: {lines} lines, {added} added, {updated} updated, {refused} rejected',
  urlFeed: '{feed} (URL)',
  folderFeed: '{feed} (folder)',
  feedSchedule: '{feed}: every {minutes} min',
  feedOff: '{feed}: off',
  feedSecret: '{feed}: secret replaced',
  feedRun: '{feed}: {added} added, {updated} updated, {refused} rejected',

  maskedIds: 'masked IDs',
  unmaskedIds: 'full IDs',
  selection: 'a selection',
  filter: 'filter {filter}',
  exportInterrupted: 'Session Desk ended before the file was complete',

  epoch: 'records of this key reach to {sequence}',
  firstDamaged: 'first damaged record {sequence}',
  headMissing: 'the keychain holds no head for this log of {last} records',
  headPosition: 'the head names record {head}, the log ends with {last}',
  incompleteWrite: 'the last write was incomplete',
  checkedRecords: 'records 1 to {checked}',
  /** `kind`: the code of the damage. */
  damageAt: '{kind} at {sequence}',

  mergedRecords: '{count} later audit record retained | {count} later audit records retained',
  removal: '{count} session without an update since {day} | {count} sessions without an update since {day}',
  restoredSessions:
    '{count} session restored after the removal of {day} | {count} sessions restored after the removal of {day}',
  mergedSessions: joinText(
    '{count} tracked again in the meantime, with its earlier timeline | ',
    '{count} tracked again in the meantime, with their earlier timeline',
  ),
  unrestorableSessions:
    '{count} cannot be restored: its connection was removed | {count} cannot be restored: their connection was removed',

  plan: joinText(
    '{count} session, {eligible} to be cancelled, digest {digest} | ',
    '{count} sessions, {eligible} to be cancelled, digest {digest}',
  ),
  /** `batch`: the ID of the batch whose sessions are tried again. */
  retry: 'retry of {batch}',
} as const;
