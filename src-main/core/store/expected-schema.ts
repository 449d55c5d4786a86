/**
 * Compares the schema of a database file with the schema that the migrations create. A trigger, a view or another
 * column that came with a file could silence records, or change what the app reads and writes.
 */
import { DatabaseSync } from 'node:sqlite';
import { AppError, createMessage } from '../../contract/index.ts';
import { migrations } from './migrations/index.ts';

/** The definitions of the objects by type and name. */
type Schema = ReadonlyMap<string, string>;

/** Names that an error lists at most. */
const maxNames = 5;

/** Throws database_schema_unexpected if a table, index, trigger or view differs from format `version`. */
export function assertExpectedSchema(sqlite: DatabaseSync, version: number, folder: string): void {
  const differences = findSchemaDifferences(sqlite, version);
  if (differences.length === 0) return;
  const listed = differences.slice(0, maxNames);
  const more = differences.length - listed.length;
  const objects = `${listed.join(', ')}${more > 0 ? ` (+${more})` : ''}`;
  throw new AppError(
    'database_schema_unexpected',
    createMessage('maintenance.databaseSchemaUnexpected', { folder, objects }),
    { retryable: true, details: { folder, objects } },
  );
}

/**
 * The objects that are added, missing or defined otherwise, for example `trigger audit_muted`. `schema` is the name of
 * an attached database.
 */
export function findSchemaDifferences(sqlite: DatabaseSync, version: number, schema = 'main'): string[] {
  const found = readSchema(sqlite, schema);
  const expected = readExpectedSchema(version);
  const keys = new Set([...found.keys(), ...expected.keys()]);
  return [...keys].filter((key) => found.get(key) !== expected.get(key)).sort();
}

const expectedSchemas = new Map<number, Schema>();

function readExpectedSchema(version: number): Schema {
  const known = expectedSchemas.get(version);
  if (known) return known;
  const sqlite = new DatabaseSync(':memory:');
  try {
    for (const statements of migrations.slice(0, version)) sqlite.exec(statements);
    const schema = readSchema(sqlite, 'main');
    expectedSchemas.set(version, schema);
    return schema;
  } finally {
    sqlite.close();
  }
}

function readSchema(sqlite: DatabaseSync, schema: string): Schema {
  // Automatic indices have no definition of their own; the definition of their table names them.
  const rows = sqlite.prepare(`SELECT type, name, tbl_name, sql FROM ${schema}.sqlite_schema`).all();
  return new Map(
    rows.map((row) => [
      `${toPrintable(row['type'])} ${toPrintable(row['name'])}`,
      JSON.stringify([row['tbl_name'], row['sql']]),
    ]),
  );
}

/** Names in a foreign file can hold any character; they are shown in an error. */
function toPrintable(text: unknown): string {
  return String(text)
    .replaceAll(/[^\p{L}\p{N}_.-]/gu, '?')
    .slice(0, 60);
}
