/** What the desk is set to: by OS user, or for everybody who works on this record. */
export const settings = `
CREATE TABLE settings (
  -- The OS user whose setting it is; empty: everybody's.
  owner TEXT NOT NULL,
  name  TEXT NOT NULL,
  -- JSON.
  value TEXT NOT NULL,
  PRIMARY KEY (owner, name)
) STRICT, WITHOUT ROWID;
`;
