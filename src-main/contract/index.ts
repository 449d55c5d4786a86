/** The contract between main process and renderer. Imports only zod. */
export * from './domain.ts';
export * from './audit.ts';
export * from './audit-detail-text.ts';
export * from './batches.ts';
export * from './maintenance.ts';
export * from './errors.ts';
export * from './connections.ts';
export * from './sessions.ts';
export * from './feeds.ts';
export * from './import.ts';
export * from './languages.ts';
export * from './events.ts';
export * from './messages/index.ts';
export * from './settings.ts';
export * from './calls.ts';
