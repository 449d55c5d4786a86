export { Store } from './store.ts';
export type { CheckState, Fault } from './chain/checker.ts';
export type { AuditEntry, KeyPlace } from './chain/log.ts';
export { startOfCheck } from './chain/checker.ts';
export { coveredFields, genesisMac, keyIdOf, type AuditHead } from './chain/record.ts';
export type { NewSession, SessionReading } from './operations/sessions.ts';
export type { CancellationRow, ConnectionRow, SessionEventRow } from './schema.ts';
export type { FeedRow } from './operations/feeds.ts';
export type { ToldSession } from './upsert.ts';
