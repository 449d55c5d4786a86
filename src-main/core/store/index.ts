export { Store } from './store.ts';
export type { OperationOutput } from './operations/index.ts';
export type { CheckState, Fault } from './audit-chain/verifier.ts';
export type { AuditEntry, KeyPlace } from './audit-chain/audit-log.ts';
export { startOfCheck } from './audit-chain/verifier.ts';
export { coveredFields, genesisMac, keyIdOf, type AuditHead } from './audit-chain/record-mac.ts';
export type { ListPlace, SessionCell } from './operations/session-list.ts';
export type { NewSession, SessionReading } from './operations/sessions.ts';
export type { PlanSource } from './operations/plan-selection.ts';
export type { PlanDigest } from './operations/plan-digest.ts';
export type { Chosen } from './operations/selections.ts';
export { emptySummary, type SummarySoFar } from './plan-summary.ts';
export type { JudgedConnection } from './plan-eligibility.ts';
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
export type { ToldSession } from './merge-session.ts';
