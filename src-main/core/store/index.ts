export { Store } from './store.ts';
export type { AuditEntry } from './operations/audit.ts';
export type { NewSession, SessionReading } from './operations/sessions.ts';
export type { CancellationRow, ConnectionRow, SessionEventRow } from './schema.ts';
