/** Connections, sessions with their search index and events, cancellations, and the audit log. */
export const initialSchema = `
CREATE TABLE connections (
  id               TEXT PRIMARY KEY,
  provider         TEXT NOT NULL,
  name             TEXT NOT NULL,
  environment      TEXT NOT NULL,
  base_url         TEXT NOT NULL,
  options          TEXT NOT NULL,
  secret_place     TEXT NOT NULL,
  secret_last_four TEXT NOT NULL,
  secret_stored_at TEXT NOT NULL,
  event_secret_place TEXT,
  created_at       TEXT NOT NULL
) STRICT;

CREATE TABLE sessions (
  key             INTEGER PRIMARY KEY,
  connection_id   TEXT NOT NULL REFERENCES connections (id),
  product         TEXT NOT NULL,
  id              TEXT NOT NULL,
  reference       TEXT,
  amount          TEXT,
  currency        TEXT,
  status          TEXT NOT NULL,
  raw_status      TEXT,
  raw_detail      TEXT,
  source          TEXT NOT NULL,
  sub_account     TEXT,
  created_at      TEXT,
  expires_at      TEXT,
  first_seen_at   TEXT NOT NULL,
  last_checked_at TEXT,
  UNIQUE (connection_id, product, id)
) STRICT;
CREATE INDEX sessions_by_id ON sessions (connection_id, id);
CREATE INDEX sessions_by_status ON sessions (status, key);

CREATE VIRTUAL TABLE sessions_search USING fts5 (reference, id, content = 'sessions', content_rowid = 'key', tokenize = 'trigram');
CREATE TRIGGER sessions_search_insert AFTER INSERT ON sessions BEGIN
  INSERT INTO sessions_search (rowid, reference, id) VALUES (new.key, new.reference, new.id);
END;
CREATE TRIGGER sessions_search_delete AFTER DELETE ON sessions BEGIN
  INSERT INTO sessions_search (sessions_search, rowid, reference, id) VALUES ('delete', old.key, old.reference, old.id);
END;
CREATE TRIGGER sessions_search_update AFTER UPDATE OF reference, id ON sessions BEGIN
  INSERT INTO sessions_search (sessions_search, rowid, reference, id) VALUES ('delete', old.key, old.reference, old.id);
  INSERT INTO sessions_search (rowid, reference, id) VALUES (new.key, new.reference, new.id);
END;

CREATE TABLE session_events (
  key         INTEGER PRIMARY KEY,
  session_key INTEGER NOT NULL REFERENCES sessions (key),
  at          TEXT NOT NULL,
  kind        TEXT NOT NULL,
  operator    TEXT,
  from_status TEXT,
  to_status   TEXT,
  raw_status  TEXT,
  raw_detail  TEXT,
  told_when   TEXT
) STRICT;
CREATE INDEX session_events_by_session ON session_events (session_key, key);

CREATE TABLE cancellations (
  id                TEXT PRIMARY KEY,
  session_key       INTEGER NOT NULL REFERENCES sessions (key),
  state             TEXT NOT NULL,
  cause             TEXT,
  found_status      TEXT,
  confirmed_by      TEXT,
  payment_in_flight INTEGER NOT NULL,
  operator          TEXT NOT NULL,
  reason_category   TEXT NOT NULL,
  reason_note       TEXT NOT NULL,
  calls             INTEGER NOT NULL,
  unclear_calls     INTEGER NOT NULL,
  http_status       INTEGER,
  provider_code     TEXT,
  provider_message  TEXT,
  request_id        TEXT,
  requested_at      TEXT NOT NULL,
  settled_at        TEXT
) STRICT;
CREATE INDEX cancellations_by_session ON cancellations (session_key, requested_at);
-- One unresolved attempt a session: a second one has to resolve the first.
CREATE UNIQUE INDEX cancellations_unresolved ON cancellations (session_key) WHERE state IN ('intended', 'sent', 'unknown');

CREATE TABLE audit (
  sequence        INTEGER PRIMARY KEY,
  at              TEXT NOT NULL,
  operator        TEXT NOT NULL,
  host            TEXT NOT NULL,
  action          TEXT NOT NULL,
  connection_id   TEXT,
  connection_name TEXT,
  environment     TEXT,
  session_key     INTEGER,
  session_id      TEXT,
  cancellation_id TEXT,
  reason_category TEXT,
  reason_note     TEXT,
  outcome         TEXT,
  detail          TEXT,
  provider_code   TEXT,
  request_id      TEXT,
  duration_ms     REAL,
  key_id          TEXT NOT NULL,
  previous_mac    TEXT NOT NULL,
  mac             TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_session ON audit (session_key, sequence);
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
`;
