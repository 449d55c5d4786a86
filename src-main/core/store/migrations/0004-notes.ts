/** Notes of the operator with full-text search, and timeline events for notes and changed fields. */
export const notes = `
ALTER TABLE sessions ADD COLUMN note TEXT;
-- For an event of kind 'note': the new note, null if the note was removed.
ALTER TABLE session_events ADD COLUMN note TEXT;
-- For an event of kind 'facts': the changed fields with their old and new values, as JSON.
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
-- A status check writes all fields, most of them unchanged. The search index is updated only after a change.
CREATE TRIGGER sessions_search_update AFTER UPDATE OF reference, id, note ON sessions
WHEN (old.reference, old.id, old.note) IS NOT (new.reference, new.id, new.note) BEGIN
  INSERT INTO sessions_search (sessions_search, rowid, reference, id, note) VALUES ('delete', old.key, old.reference, old.id, old.note);
  INSERT INTO sessions_search (rowid, reference, id, note) VALUES (new.key, new.reference, new.id, new.note);
END;
`;
