import { first } from './0001-first.ts';
import { auditAndCounts } from './0002-audit-and-counts.ts';
import { importAndFeeds } from './0003-import-and-feeds.ts';

/** In order; the file's `user_version` says how many it has had. A migration that has shipped never changes. */
export const migrations: readonly string[] = [first, auditAndCounts, importAndFeeds];
