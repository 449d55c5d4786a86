/** Removes the search terms and the references of deleted sessions from the file. */
export const permanentDeletion = `
-- The index drops the terms of a deleted row at once. It is rebuilt, because it still has terms of older deletions.
INSERT INTO sessions_search (sessions_search, rank) VALUES ('secure-delete', 1);
INSERT INTO sessions_search (sessions_search) VALUES ('rebuild');

-- Finds the references that batches still hold when a session is deleted permanently.
CREATE INDEX batch_items_with_reference ON batch_items (session_key) WHERE reference IS NOT NULL;
`;
