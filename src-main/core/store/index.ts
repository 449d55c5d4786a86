export { Store } from './store.ts';
export type { OperationOutput } from './operations/index.ts';
export type { CheckState, Fault } from './chain/checker.ts';
export type { AuditEntry, KeyPlace } from './chain/log.ts';
export { startOfCheck } from './chain/checker.ts';
export { coveredFields, genesisMac, keyIdOf, type AuditHead } from './chain/record.ts';
export type { ListPlace, SessionCell } from './operations/session-list.ts';
export type { NewSession, SessionReading } from './operations/sessions.ts';
export type { PlanSource } from './operations/batch-choice.ts';
export type { PlanDigest } from './operations/batch-digest.ts';
export type { Chosen } from './operations/selections.ts';
export { emptySummary, type SummarySoFar } from './plan-summary.ts';
export type { JudgedConnection } from './verdict.ts';
export type { ItemPlace } from './operations/batch-runs.ts';
export type { BatchChanges } from './operations/batches.ts';
export type {
  BatchCountRow,
  BatchItemRow,
  BatchRow,
  CancellationRow,
  ConnectionRow,
  SessionEventRow,
} from './schema.ts';
export type { Setting } from './operations/settings.ts';
export type { FeedRow } from './operations/feeds.ts';
export type { ToldSession } from './upsert.ts';
