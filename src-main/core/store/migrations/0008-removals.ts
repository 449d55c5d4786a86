/** Removed sessions, stored while the removal can be undone. */
export const removals = `
CREATE TABLE removals (
  number   INTEGER PRIMARY KEY,
  id       TEXT NOT NULL UNIQUE,
  at       TEXT NOT NULL,
  operator TEXT NOT NULL,
  -- How many of them are kept: removed, and not brought back.
  sessions INTEGER NOT NULL
) STRICT;

-- Rows as JSON objects by column: a column that is added later is missing in them, and takes its default.
CREATE TABLE removed_sessions (
  key            INTEGER PRIMARY KEY,
  removal_number INTEGER NOT NULL REFERENCES removals (number),
  session        TEXT NOT NULL,
  events         TEXT NOT NULL,
  cancellations  TEXT NOT NULL,
  watched_since  TEXT
) STRICT;
CREATE INDEX removed_sessions_by_removal ON removed_sessions (removal_number, key);
`;
