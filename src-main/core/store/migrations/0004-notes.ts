/** Notes of the operator with full-text search, and timeline events for notes and changed fields. */
export const notes = `
ALTER TABLE sessions ADD COLUMN note TEXT;
-- Of an event of kind 'note': what the note became, null where it was removed.
ALTER TABLE session_events ADD COLUMN note TEXT;
-- Of an event of kind 'facts': which facts changed, from what and to what, as JSON.
ALTER TABLE session_events ADD COLUMN facts TEXT;

DROP TRIGGER sessions_search_insert;
DROP TRIGGER sessions_search_delete;
DROP TRIGGER sessions_search_update;
DROP TABLE sessions_search;
CREATE VIRTUAL TABLE sessions_search USING fts5 (reference, id, note, content = 'sessions', content_rowid = 'key', tokenize = 'trigram');
INSERT INTO sessions_search (sessions_search) VALUES ('rebuild');
CREATE TRIGGER sessions_search_insert AFTER INSERT ON sessions BEGIN
  INSERT INTO sessions_search (rowid, reference, id, note) VALUES (new.key, new.reference, new.id, new.note);
END;
CREATE TRIGGER sessions_search_delete AFTER DELETE ON sessions BEGIN
  INSERT INTO sessions_search (sessions_search, rowid, reference, id, note) VALUES ('delete', old.key, old.reference, old.id, old.note);
END;
-- A reading writes every fact it has, mostly as it was: only a change is worth the index's work.
CREATE TRIGGER sessions_search_update AFTER UPDATE OF reference, id, note ON sessions
WHEN (old.reference, old.id, old.note) IS NOT (new.reference, new.id, new.note) BEGIN
  INSERT INTO sessions_search (sessions_search, rowid, reference, id, note) VALUES ('delete', old.key, old.reference, old.id, old.note);
  INSERT INTO sessions_search (rowid, reference, id, note) VALUES (new.key, new.reference, new.id, new.note);
END;
`;
