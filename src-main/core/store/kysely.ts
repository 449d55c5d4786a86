import { CamelCasePlugin, Kysely, SqliteDialect } from 'kysely';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Tables } from './schema.ts';

export type Database = Kysely<Tables>;

/** Kysely over an open node:sqlite database. Prepared statements are kept, so that a repeated query is parsed once. */
export function kyselyOver(sqlite: DatabaseSync): Database {
  const prepared = new Map<string, ReturnType<DatabaseSync['prepare']>>();
  return new Kysely<Tables>({
    dialect: new SqliteDialect({
      database: {
        close: () => undefined,
        prepare: (sql) => {
          const statement = prepared.get(sql) ?? sqlite.prepare(sql);
          prepared.set(sql, statement);
          return {
            reader: statement.columns().length > 0,
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
