/** Removes the search terms and the references of deleted sessions from the file. */
export const permanentDeletion = `
-- The index still has terms of older deletions. For new ones, see secureSearchDeletion in open-database.ts.
INSERT INTO sessions_search (sessions_search) VALUES ('rebuild');

-- Finds the references that batches still hold when a session is deleted permanently.
CREATE INDEX batch_items_with_reference ON batch_items (session_key) WHERE reference IS NOT NULL;
`;
