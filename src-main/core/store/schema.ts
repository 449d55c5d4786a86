/** The types of the tables for Kysely. Columns are snake_case in the file and camelCase here (CamelCasePlugin). */
import { type Generated, type Insertable, type Selectable, CamelCasePlugin, Kysely, SqliteDialect } from 'kysely';
import type {
  AuditRecord,
  BatchItem,
  BatchState,
  Cancellation,
  Eligibility,
  Environment,
  ItemOutcome,
  ProviderName,
  Session,
  SessionStatus,
} from '../../contract/index.ts';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

interface ConnectionsTable {
  id: string;
  provider: ProviderName;
  name: string;
  environment: Environment;
  baseUrl: string;
  /** `ConnectionOptions` as JSON. */
  options: string;
  /** Where the secret was stored. It may have been deleted since; `SecretStore` checks this. */
  secretPlace: 'keychain' | 'memory';
  secretLastFour: string;
  secretStoredAt: string;
  /** Where the secret that signs webhook events was stored; null if no secret is stored. */
  eventSecretPlace: 'keychain' | 'memory' | null;
  /** 1 if cancellations are blocked for this connection. */
  locked: number;
  createdAt: string;
}

interface SessionsTable extends Omit<Session, 'key' | 'note'> {
  key: Generated<number>;
  note: Generated<string | null>;
  /** When the status that a file or feed reported was valid; null if none reported one. */
  toldAt: Generated<string | null>;
}

/** FTS5 index over `sessions`, updated by triggers; `rowid` is the session's key. */
interface SessionsSearchTable {
  rowid: number;
  reference: string | null;
  id: string;
  note: string | null;
}

interface SessionEventsTable {
  key: Generated<number>;
  sessionKey: number;
  at: string;
  kind: 'tracked' | 'status' | 'facts' | 'event' | 'note';
  operator: string | null;
  fromStatus: SessionStatus | null;
  toStatus: SessionStatus | null;
  rawStatus: string | null;
  rawDetail: string | null;
  /** The time in the event, as the provider wrote it. */
  toldWhen: Generated<string | null>;
  /** The new text of the note; null if it was removed. */
  note: Generated<string | null>;
  /** `FieldChange[]` as JSON. */
  facts: Generated<string | null>;
}

interface CancellationsTable extends Omit<Cancellation, 'reason' | 'paymentInFlight'> {
  paymentInFlight: number;
  reasonCategory: string;
  reasonNote: string;
  /** Calls without a clear response. If there is one and the session is cancelled later, this app cancelled it. */
  unclearCalls: number;
}

interface AuditTable extends Omit<AuditRecord, 'detail'> {
  /** A serialized `AuditDetail`. */
  detail: string | null;
  /** Identifies the key of the MAC without revealing it. */
  keyId: string;
  previousMac: string;
  mac: string;
}

interface RateLimitsTable {
  connectionId: string;
  perSecond: number;
  inFlight: number;
}

interface BatchesTable {
  /** The number that the operator sees. */
  number: Generated<number>;
  id: string;
  state: BatchState;
  /** `BatchOrigin` as JSON. */
  origin: string;
  operator: string;
  host: string;
  createdAt: string;
  plannedAt: string | null;
  confirmedAt: string | null;
  startedAt: string | null;
  endedAt: string | null;
  reasonCategory: string | null;
  reasonNote: string | null;
  digest: string | null;
  /** `PlanSummary` as JSON, without the connections' names. */
  summary: string | null;
  sessions: number;
  asked: number;
}

interface BatchItemsTable extends Omit<BatchItem, 'eligibility'> {
  batchNumber: number;
  verdict: Eligibility;
}

/** Updated by triggers. */
interface BatchCountsTable {
  batchNumber: number;
  connectionId: string;
  verdict: Eligibility;
  outcome: ItemOutcome;
  items: number;
}

export interface Tables {
  connections: ConnectionsTable;
  sessions: SessionsTable;
  sessionsSearch: SessionsSearchTable;
  sessionEvents: SessionEventsTable;
  cancellations: CancellationsTable;
  audit: AuditTable;
  paces: RateLimitsTable;
  batches: BatchesTable;
  batchItems: BatchItemsTable;
  batchCounts: BatchCountsTable;
}

export type ConnectionRow = Selectable<ConnectionsTable>;
export type SessionRow = Selectable<SessionsTable>;
export type NewSessionRow = Insertable<SessionsTable>;
export type SessionEventRow = Selectable<SessionEventsTable>;
export type CancellationRow = Selectable<CancellationsTable>;
export type RateLimitRow = Selectable<RateLimitsTable>;
export type BatchRow = Selectable<BatchesTable>;
export type NewBatchRow = Insertable<BatchesTable>;
export type BatchItemRow = Selectable<BatchItemsTable>;
export type BatchCountRow = Selectable<BatchCountsTable>;
export type AuditRow = Selectable<AuditTable>;

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
