/** The last sequence of the audit log, indexes for its filters, its records per day, and counts of sessions. */
export const auditAndCounts = `
-- Beside the head in the keychain it tells a log cut short from an old copy of the whole file.
CREATE TABLE audit_tail (one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER NOT NULL) STRICT;
INSERT INTO audit_tail (one, sequence) SELECT 1, coalesce(max(sequence), 0) FROM audit;

CREATE INDEX audit_by_action ON audit (action, sequence);
CREATE INDEX audit_by_outcome ON audit (outcome, sequence);
CREATE INDEX audit_by_operator ON audit (operator, sequence);
CREATE INDEX audit_by_connection ON audit (connection_id, sequence);
CREATE INDEX audit_by_session_id ON audit (session_id, sequence);

-- One row a day: where its records lie, so that a filter by time reads no others.
CREATE TABLE audit_days (
  day     TEXT PRIMARY KEY,
  first   INTEGER NOT NULL,
  last    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE outcome_days (
  day     TEXT NOT NULL,
  outcome TEXT NOT NULL,
  settled INTEGER NOT NULL,
  PRIMARY KEY (day, outcome)
) STRICT, WITHOUT ROWID;
INSERT INTO audit_days SELECT substr(at, 1, 10), min(sequence), max(sequence) FROM audit GROUP BY 1;
INSERT INTO outcome_days SELECT substr(at, 1, 10), outcome, count(*) FROM audit
  WHERE action = 'cancel_settled' AND outcome IS NOT NULL GROUP BY 1, 2;
CREATE TRIGGER audit_days_grow AFTER INSERT ON audit BEGIN
  INSERT INTO audit_days VALUES (substr(new.at, 1, 10), new.sequence, new.sequence)
    ON CONFLICT (day) DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last);
END;
CREATE TRIGGER outcome_days_grow AFTER INSERT ON audit
WHEN new.action = 'cancel_settled' AND new.outcome IS NOT NULL BEGIN
  INSERT INTO outcome_days VALUES (substr(new.at, 1, 10), new.outcome, 1)
    ON CONFLICT (day, outcome) DO UPDATE SET settled = settled + 1;
END;

-- Exact at any size without counting: kept in step by the triggers.
CREATE TABLE session_counts (
  connection_id TEXT NOT NULL,
  status        TEXT NOT NULL,
  source        TEXT NOT NULL,
  sessions      INTEGER NOT NULL,
  PRIMARY KEY (connection_id, status, source)
) STRICT, WITHOUT ROWID;
INSERT INTO session_counts SELECT connection_id, status, source, count(*) FROM sessions GROUP BY 1, 2, 3;
CREATE TRIGGER session_counts_insert AFTER INSERT ON sessions BEGIN
  INSERT INTO session_counts VALUES (new.connection_id, new.status, new.source, 1)
    ON CONFLICT (connection_id, status, source) DO UPDATE SET sessions = sessions + 1;
END;
CREATE TRIGGER session_counts_delete AFTER DELETE ON sessions BEGIN
  UPDATE session_counts SET sessions = sessions - 1
    WHERE connection_id = old.connection_id AND status = old.status AND source = old.source;
END;
CREATE TRIGGER session_counts_update AFTER UPDATE OF connection_id, status, source ON sessions
WHEN (old.connection_id, old.status, old.source) IS NOT (new.connection_id, new.status, new.source) BEGIN
  UPDATE session_counts SET sessions = sessions - 1
    WHERE connection_id = old.connection_id AND status = old.status AND source = old.source;
  INSERT INTO session_counts VALUES (new.connection_id, new.status, new.source, 1)
    ON CONFLICT (connection_id, status, source) DO UPDATE SET sessions = sessions + 1;
END;

-- For retention: old sessions in a final state.
CREATE INDEX sessions_final ON sessions (first_seen_at) WHERE status IN ('completed', 'failed', 'cancelled', 'expired');
`;
