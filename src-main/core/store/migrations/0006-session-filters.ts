/** One index per sort order of the session list, session counts by product, and saved views. */
export const sessionFilters = `
-- With the key, so that equals have an order; with the status, so that a filter by status reads the index alone.
CREATE INDEX sessions_by_created ON sessions (coalesce(created_at, first_seen_at), key, status);
CREATE INDEX sessions_by_expires ON sessions (coalesce(expires_at, '9999'), key, status);
CREATE INDEX sessions_by_checked ON sessions (coalesce(last_checked_at, ''), key, status);
CREATE INDEX sessions_by_amount ON sessions (coalesce(currency, '') || printf(' %032.8f', coalesce(amount, -1)), key, status);
CREATE INDEX sessions_by_reference ON sessions (coalesce(reference, '\u{10ffff}') COLLATE NOCASE, key, status);
CREATE INDEX sessions_by_rank ON sessions (
  CASE status WHEN 'active' THEN 1 WHEN 'unknown' THEN 2 WHEN 'in_progress' THEN 3 WHEN 'completed_unfinished' THEN 4
    WHEN 'completed' THEN 5 WHEN 'failed' THEN 6 WHEN 'cancelled' THEN 7 ELSE 8 END, key);

DROP TRIGGER session_counts_insert;
DROP TRIGGER session_counts_delete;
DROP TRIGGER session_counts_update;
DROP TABLE session_counts;
CREATE TABLE session_counts (
  connection_id TEXT NOT NULL,
  product       TEXT NOT NULL,
  status        TEXT NOT NULL,
  source        TEXT NOT NULL,
  sessions      INTEGER NOT NULL,
  PRIMARY KEY (connection_id, product, status, source)
) STRICT, WITHOUT ROWID;
INSERT INTO session_counts SELECT connection_id, product, status, source, count(*) FROM sessions GROUP BY 1, 2, 3, 4;
CREATE TRIGGER session_counts_insert AFTER INSERT ON sessions BEGIN
  INSERT INTO session_counts VALUES (new.connection_id, new.product, new.status, new.source, 1)
    ON CONFLICT DO UPDATE SET sessions = sessions + 1;
END;
CREATE TRIGGER session_counts_delete AFTER DELETE ON sessions BEGIN
  UPDATE session_counts SET sessions = sessions - 1
    WHERE connection_id = old.connection_id AND product = old.product AND status = old.status AND source = old.source;
END;
CREATE TRIGGER session_counts_update AFTER UPDATE OF connection_id, product, status, source ON sessions
WHEN (old.connection_id, old.product, old.status, old.source) IS NOT (new.connection_id, new.product, new.status, new.source) BEGIN
  UPDATE session_counts SET sessions = sessions - 1
    WHERE connection_id = old.connection_id AND product = old.product AND status = old.status AND source = old.source;
  INSERT INTO session_counts VALUES (new.connection_id, new.product, new.status, new.source, 1)
    ON CONFLICT DO UPDATE SET sessions = sessions + 1;
END;

CREATE TABLE saved_views (
  id      TEXT PRIMARY KEY,
  name    TEXT NOT NULL,
  query   TEXT NOT NULL,
  columns TEXT NOT NULL
) STRICT;
`;
