import { CamelCasePlugin, Kysely, SqliteDialect } from 'kysely';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Tables } from './schema.ts';

export type Database = Kysely<Tables>;

/** Kysely over an open node:sqlite database. Prepared statements are cached, so SQLite parses a repeated query once. */
export function createKysely(sqlite: DatabaseSync): Database {
  const prepared = new Map<string, { readonly statement: StatementSync; readonly reader: boolean }>();
  const prepare = (sql: string) => {
    const statement = sqlite.prepare(sql);
    return { statement, reader: statement.columns().length > 0 };
  };
  return new Kysely<Tables>({
    dialect: new SqliteDialect({
      database: {
        close: () => undefined,
        prepare: (sql) => {
          const cached = prepared.get(sql) ?? prepare(sql);
          prepared.set(sql, cached);
          const { statement, reader } = cached;
          return {
            reader,
            all: (values) => statement.all(...(values as SQLInputValue[])),
            run: (values) => statement.run(...(values as SQLInputValue[])),
            iterate: (values) => statement.iterate(...(values as SQLInputValue[])),
          };
        },
      },
    }),
    plugins: [new CamelCasePlugin()],
  });
}
