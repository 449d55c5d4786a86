export { Store } from './store.ts';
export { toAppError } from './sqlite-error.ts';
export type { OperationInput, OperationOutput } from './operations/index.ts';
export type { AuditEntry, AuditEntryOf, AuditFields, AuditKeySource } from './audit-chain/audit-log.ts';
export { createVerificationState, type VerificationState, type ChainFault } from './audit-chain/verifier.ts';
export { macFields, genesisMac, deriveKeyId, type AuditHead } from './audit-chain/record-mac.ts';
export type { ListPosition, SessionCountGroup } from './operations/session-list.ts';
export type { NewSession, SessionReading } from './operations/sessions.ts';
export type { PlanDigest } from './operations/plan-items.ts';
export type { PlanSource, SelectionOrPlan } from './operations/selections.ts';
export { emptySummary, type PartialPlanSummary, type EligibilityConnection } from './plan-evaluation.ts';
export type { BatchChanges } from './operations/batches.ts';
export type {
  AuditRow,
  BatchCountRow,
  BatchItemRow,
  BatchRow,
  CancellationRow,
  ConnectionRow,
  SessionEventRow,
} from './schema.ts';
export type { RecordedPlan } from './audit-chain/recorded-details.ts';
export type { RestoredDatabase } from './operations/audit.ts';
export type { Setting } from './operations/settings.ts';
export type { FeedRow } from './operations/feeds.ts';
export type { ReportedSession } from './merge-session.ts';
