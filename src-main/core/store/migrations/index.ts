import { initialSchema } from './0001-initial-schema.ts';
import { auditAndCounts } from './0002-audit-and-counts.ts';
import { importAndFeeds } from './0003-import-and-feeds.ts';
import { notes } from './0004-notes.ts';
import { batches } from './0005-batches.ts';
import { sessionFilters } from './0006-session-filters.ts';
import { settings } from './0007-settings.ts';
import { removals } from './0008-removals.ts';
import { permanentDeletion } from './0009-permanent-deletion.ts';

/** In order. `user_version` in the file is the number of migrations applied. A shipped migration never changes. */
export const migrations: readonly string[] = [
  initialSchema,
  auditAndCounts,
  importAndFeeds,
  notes,
  batches,
  sessionFilters,
  settings,
  removals,
  permanentDeletion,
];
