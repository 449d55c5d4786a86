/** Settings of one OS user or of the workspace. */
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
