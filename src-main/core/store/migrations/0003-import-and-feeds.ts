/** The time at which an imported status was valid, saved column mappings, and the progress of feeds. */
export const importAndFeeds = `
ALTER TABLE sessions ADD COLUMN told_at TEXT;

CREATE TABLE import_mappings (
  columns TEXT PRIMARY KEY,
  mapping TEXT NOT NULL,
  used_at TEXT NOT NULL
) STRICT;

CREATE TABLE feeds (
  id               TEXT PRIMARY KEY,
  connection_id    TEXT NOT NULL REFERENCES connections (id),
  settings         TEXT NOT NULL,
  secret_place     TEXT,
  cursor           TEXT,
  since            TEXT,
  run_began_at     TEXT,
  last_run_at      TEXT,
  last_error       TEXT,
  last_counts      TEXT,
  created_at       TEXT NOT NULL
) STRICT;

-- A file of a watched folder is taken once for each content it has had.
CREATE TABLE feed_files (
  feed_id  TEXT NOT NULL REFERENCES feeds (id),
  name     TEXT NOT NULL,
  stamp    TEXT NOT NULL,
  taken_at TEXT NOT NULL,
  problem  TEXT,
  PRIMARY KEY (feed_id, name)
) STRICT;

CREATE TABLE watched_sessions (
  session_key INTEGER PRIMARY KEY REFERENCES sessions (key) ON DELETE CASCADE,
  since       TEXT NOT NULL
) STRICT;
`;
