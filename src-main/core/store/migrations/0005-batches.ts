/** Plans and batches with their sessions, rate limits, the lock of a connection, and the batch of an audit record. */
export const batches = `
ALTER TABLE connections ADD COLUMN locked INTEGER NOT NULL DEFAULT 0;

CREATE TABLE paces (
  connection_id TEXT PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
  per_second    REAL NOT NULL,
  in_flight     INTEGER NOT NULL
) STRICT;

ALTER TABLE audit ADD COLUMN batch_id TEXT;
CREATE INDEX audit_by_batch ON audit (batch_id, sequence) WHERE batch_id IS NOT NULL;

CREATE TABLE batches (
  number          INTEGER PRIMARY KEY,
  id              TEXT NOT NULL UNIQUE,
  state           TEXT NOT NULL,
  origin          TEXT NOT NULL,
  operator        TEXT NOT NULL,
  host            TEXT NOT NULL,
  created_at      TEXT NOT NULL,
  planned_at      TEXT,
  confirmed_at    TEXT,
  started_at      TEXT,
  ended_at        TEXT,
  reason_category TEXT,
  reason_note     TEXT,
  digest          TEXT,
  summary         TEXT,
  sessions        INTEGER NOT NULL,
  asked           INTEGER NOT NULL
) STRICT;
CREATE INDEX batches_open ON batches (number)
  WHERE state IN ('planning', 'planned', 'armed', 'running', 'paused', 'stopping', 'interrupted');

-- The frozen set stands by itself: it outlives the sessions it names.
CREATE TABLE batch_items (
  batch_number    INTEGER NOT NULL REFERENCES batches (number),
  position        INTEGER NOT NULL,
  session_key     INTEGER NOT NULL,
  connection_id   TEXT NOT NULL,
  product         TEXT NOT NULL,
  session_id      TEXT NOT NULL,
  reference       TEXT,
  amount          TEXT,
  currency        TEXT,
  status          TEXT NOT NULL,
  verdict         TEXT NOT NULL,
  outcome         TEXT NOT NULL,
  cause           TEXT,
  found_status    TEXT,
  confirmed_by    TEXT,
  cancellation_id TEXT,
  settled_at      TEXT,
  PRIMARY KEY (batch_number, position)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX batch_items_by_session ON batch_items (batch_number, session_key);
CREATE INDEX batch_items_by_outcome ON batch_items (batch_number, outcome, position);
CREATE INDEX batch_items_by_cancellation ON batch_items (cancellation_id) WHERE cancellation_id IS NOT NULL;

-- Exact at any size without counting: kept in step by the triggers.
CREATE TABLE batch_counts (
  batch_number  INTEGER NOT NULL,
  connection_id TEXT NOT NULL,
  verdict       TEXT NOT NULL,
  outcome       TEXT NOT NULL,
  items         INTEGER NOT NULL,
  PRIMARY KEY (batch_number, connection_id, verdict, outcome)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER batch_counts_insert AFTER INSERT ON batch_items BEGIN
  INSERT INTO batch_counts VALUES (new.batch_number, new.connection_id, new.verdict, new.outcome, 1)
    ON CONFLICT (batch_number, connection_id, verdict, outcome) DO UPDATE SET items = items + 1;
END;
CREATE TRIGGER batch_counts_delete AFTER DELETE ON batch_items BEGIN
  UPDATE batch_counts SET items = items - 1
    WHERE batch_number = old.batch_number AND connection_id = old.connection_id AND verdict = old.verdict AND outcome = old.outcome;
END;
CREATE TRIGGER batch_counts_update AFTER UPDATE OF verdict, outcome ON batch_items
WHEN (old.verdict, old.outcome) IS NOT (new.verdict, new.outcome) BEGIN
  UPDATE batch_counts SET items = items - 1
    WHERE batch_number = old.batch_number AND connection_id = old.connection_id AND verdict = old.verdict AND outcome = old.outcome;
  INSERT INTO batch_counts VALUES (new.batch_number, new.connection_id, new.verdict, new.outcome, 1)
    ON CONFLICT (batch_number, connection_id, verdict, outcome) DO UPDATE SET items = items + 1;
END;

-- An item is where its cancellation is, whoever moved it: the run, "Check with provider", or the reading after a start.
CREATE TRIGGER batch_items_follow AFTER UPDATE OF state ON cancellations BEGIN
  UPDATE batch_items
    SET outcome = new.state, cause = new.cause, found_status = new.found_status, confirmed_by = new.confirmed_by, settled_at = new.settled_at
    WHERE cancellation_id = new.id;
END;
`;
