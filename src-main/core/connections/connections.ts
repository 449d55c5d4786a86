import { randomUUID } from 'node:crypto';
import {
  connectionOptions,
  AppError,
  type ParsedInput,
  type Connection,
  type ConnectionTestResult,
  type WorkspaceName,
} from '../../contract/index.ts';
import type { Account, Providers } from '../providers/index.ts';
import type { AuditEntry, ConnectionRow, Store } from '../store/index.ts';
import { parseBaseUrl } from './base-url.ts';
import { changedAccountField, describeChanges } from './connection-diff.ts';
import type { SecretStore } from './secret-store.ts';
import { toTestResult } from './test-result.ts';

export interface ConnectionsDependencies {
  readonly workspace: WorkspaceName;
  readonly store: Store;
  readonly secretStore: SecretStore;
  readonly providers: Providers;
  onChanged(): void;
}

/** The accounts of a workspace. Rows are few and kept in memory; the secret is fetched from the vault per operation. */
export class Connections {
  readonly #dependencies: ConnectionsDependencies;
  readonly #rows = new Map<string, ConnectionRow>();
  /** Connections whose secret the keychain turned out not to have any more. */
  readonly #missingSecrets = new Set<string>();

  private constructor(dependencies: ConnectionsDependencies) {
    this.#dependencies = dependencies;
  }

  static async open(dependencies: ConnectionsDependencies): Promise<Connections> {
    const connections = new Connections(dependencies);
    for (const row of await dependencies.store.run('connections', null)) connections.#rows.set(row.id, row);
    return connections;
  }

  list(): Connection[] {
    return [...this.#rows.values()].map((row) => this.#toConnection(row));
  }

  get(id: string): Connection {
    return this.#toConnection(this.#getRow(id));
  }

  /** Throws base_url_refused, secret_invalid, secret_not_storable or a keychain_ code with `details.field`; nothing is stored then. */
  async add(input: ParsedInput<'connections.add'>): Promise<Connection> {
    const { provider } = input.options;
    if (this.#dependencies.workspace === 'practice') throw practiceConnectionError();
    const baseUrl = parseBaseUrl(input.baseUrl, provider, input.environment);
    this.#validateSecret(input.secret, provider, input.environment);
    const now = new Date().toISOString();
    const id = randomUUID();
    const row = {
      id,
      provider,
      name: input.name,
      environment: input.environment,
      baseUrl,
      options: JSON.stringify(input.options),
      createdAt: now,
      eventSecretPlace: null,
      locked: 0,
      ...(await this.#storeSecret(id, input.secret, input.allowInMemory)),
    };
    try {
      return await this.#save(row, 'connection_added', row.secretPlace);
    } catch (error) {
      // A secret that no connection names could never be found or removed again.
      await this.#dependencies.secretStore.delete(row.id, row.secretPlace);
      throw error;
    }
  }

  /** Sets up an account of practice, anew at each start and without the checks of what an operator types. */
  async upsertPracticeConnection(
    fields: Omit<ConnectionRow, 'secretPlace' | 'secretLastFour' | 'secretStoredAt' | 'eventSecretPlace' | 'locked'>,
    secret: string,
  ): Promise<void> {
    const known = this.#rows.get(fields.id);
    const kept = { eventSecretPlace: known?.eventSecretPlace ?? null, locked: known?.locked ?? 0 };
    const row = { ...fields, ...kept, ...(await this.#storeSecret(fields.id, secret, true)) };
    if (!known) return void (await this.#save(row, 'connection_added', row.secretPlace));
    await this.#dependencies.store.run('putConnection', { row, audit: null });
    this.#rows.set(row.id, row);
  }

  /** Throws connection_immutable with `details.field` where it would become another account under the sessions that are tracked. */
  async change({ connectionId, name, options }: ParsedInput<'connections.change'>): Promise<Connection> {
    const row = this.#getRow(connectionId);
    if (this.#dependencies.workspace === 'practice') throw practiceConnectionError();
    const before = this.#toConnection(row);
    const field = changedAccountField(before.options, options);
    if (field !== null) await this.#assertNoTrackedSessions(row, field);
    const detail = describeChanges(before, { name, options });
    if (detail === '') return before;
    const changed = await this.#save({ ...row, name, options: JSON.stringify(options) }, 'connection_changed', detail);
    this.#dependencies.providers[row.provider].releaseConnection(row.id);
    return changed;
  }

  async replaceSecret({
    connectionId,
    secret,
    allowInMemory,
  }: ParsedInput<'connections.replaceSecret'>): Promise<Connection> {
    const row = this.#getRow(connectionId);
    if (this.#dependencies.workspace === 'practice') throw practiceConnectionError();
    this.#validateSecret(secret, row.provider, row.environment);
    const stored = await this.#storeSecret(row.id, secret, allowInMemory);
    this.#dependencies.providers[row.provider].releaseConnection(row.id);
    this.#missingSecrets.delete(row.id);
    return await this.#save({ ...row, ...stored }, 'secret_replaced', stored.secretPlace);
  }

  /** Gone from the keychain when it answers; a keychain_ code where that cannot be told, and nothing is changed then. */
  async deleteSecret({ connectionId, purpose }: ParsedInput<'connections.deleteSecret'>): Promise<Connection> {
    const row = this.#getRow(connectionId);
    if (this.#dependencies.workspace === 'practice') throw practiceConnectionError();
    if (purpose === 'webhook') {
      await this.#dependencies.secretStore.delete(webhookSecretAccount(row.id), row.eventSecretPlace);
      return await this.#save({ ...row, eventSecretPlace: null }, 'event_secret_forgotten', null);
    }
    await this.#dependencies.secretStore.delete(row.id, row.secretPlace);
    this.#dependencies.providers[row.provider].releaseConnection(row.id);
    // Nothing is in memory under its name: that is how a secret that is gone looks.
    return await this.#save(
      { ...row, secretPlace: 'memory', secretLastFour: '', secretStoredAt: '' },
      'secret_forgotten',
      null,
    );
  }

  /** Keeps what webhook events of this account are signed with. */
  async setWebhookSecret({
    connectionId,
    secret,
    allowInMemory,
  }: ParsedInput<'connections.setWebhookSecret'>): Promise<Connection> {
    const row = this.#getRow(connectionId);
    const eventSecretPlace = await this.#dependencies.secretStore.set(
      webhookSecretAccount(row.id),
      secret,
      allowInMemory,
    );
    return await this.#save({ ...row, eventSecretPlace }, 'event_secret_stored', eventSecretPlace);
  }

  /** What events are signed with. Throws webhook_secret_missing or a keychain_ code. */
  async getWebhookSecret(connectionId: string): Promise<string> {
    const row = this.#getRow(connectionId);
    const secret = this.#toConnection(row).hasWebhookSecret
      ? await this.#dependencies.secretStore.get(webhookSecretAccount(row.id))
      : null;
    if (secret !== null) return secret;
    const what = row.provider === 'flinks' ? 'webhook secret' : 'callback token';
    throw new AppError(
      'webhook_secret_missing',
      `${row.name} has no secret to check the signature of events with. Enter its ${what} under Connections.`,
      { details: { connectionId } },
    );
  }

  /** A locked connection takes no cancel; whoever sends one asks `refuseIfLocked` first. */
  async setLocked({ connectionId, isLocked }: ParsedInput<'connections.setLocked'>): Promise<Connection> {
    const row = this.#getRow(connectionId);
    if ((row.locked === 1) === isLocked) return this.#toConnection(row);
    return await this.#save(
      { ...row, locked: isLocked ? 1 : 0 },
      isLocked ? 'connection_locked' : 'connection_unlocked',
      null,
    );
  }

  assertUnlocked(connectionId: string): void {
    const { name, locked } = this.#getRow(connectionId);
    if (locked === 0) return;
    throw new AppError(
      'connection_locked',
      `${name} is locked: nothing is cancelled through it. Unlock it under Connections first.`,
      { details: { connectionId } },
    );
  }

  /** Refused while sessions are tracked on it: their record names the account. */
  async remove(connectionId: string): Promise<void> {
    const row = this.#getRow(connectionId);
    const count = await this.#dependencies.store.run('countSessionsOfConnection', row.id);
    if (count > 0) {
      throw new AppError(
        'connection_in_use',
        `${row.name} has ${count} tracked sessions, whose record names it. It can only be removed while it has none.`,
        { details: { count } },
      );
    }
    await this.#dependencies.secretStore.delete(row.id, row.secretPlace);
    if (row.eventSecretPlace !== null)
      await this.#dependencies.secretStore.delete(webhookSecretAccount(row.id), row.eventSecretPlace);
    this.#dependencies.providers[row.provider].releaseConnection(row.id);
    await this.#dependencies.store.run('deleteConnection', {
      id: row.id,
      audit: { action: 'connection_removed', ...auditFields(row) },
    });
    this.#rows.delete(row.id);
    this.#dependencies.onChanged();
  }

  async test(connectionId: string, signal: AbortSignal): Promise<ConnectionTestResult> {
    const row = this.#getRow(connectionId);
    const answer = await this.#dependencies.providers[row.provider].testCredential(
      await this.getAccount(connectionId),
      signal,
    );
    const result = toTestResult(answer);
    await this.#dependencies.store.run('appendAudit', {
      action: 'connection_tested',
      ...auditFields(row),
      outcome: result.result,
      durationMs: result.durationMs,
      providerCode: answer.evidence.providerCode,
      requestId: answer.evidence.requestId,
    });
    return result;
  }

  /** Everything a call needs, the secret included. Throws credential_missing or a keychain_ code. */
  async getAccount(connectionId: string): Promise<Account> {
    const row = this.#getRow(connectionId);
    // What was kept for one run only is not looked for in a keychain that may not even be there.
    const isGone = row.secretPlace === 'memory' && !this.#dependencies.secretStore.isInMemory(row.id);
    const secret = isGone ? null : await this.#dependencies.secretStore.get(row.id);
    if (secret === null) {
      if (!isGone) this.#missingSecrets.add(row.id);
      this.#dependencies.onChanged();
      const message = `The secret of ${row.name} is not stored any more. Enter it again under Connections.`;
      throw new AppError('credential_missing', message, { details: { connectionId } });
    }
    return {
      connectionId: row.id,
      environment: row.environment,
      baseUrl: row.baseUrl,
      options: this.#toConnection(row).options,
      secret,
    };
  }

  async #storeSecret(id: string, secret: string, allowInMemory: boolean) {
    const secretPlace = await this.#dependencies.secretStore.set(id, secret, allowInMemory);
    return {
      secretPlace,
      secretLastFour: secret.length >= 12 ? secret.slice(-4) : '',
      secretStoredAt: new Date().toISOString(),
    };
  }

  /** `detail`: where the secret in question is kept, or what was changed. */
  async #save(row: ConnectionRow, action: AuditEntry['action'], detail: string | null): Promise<Connection> {
    await this.#dependencies.store.run('putConnection', { row, audit: { action, ...auditFields(row), detail } });
    this.#rows.set(row.id, row);
    this.#dependencies.onChanged();
    return this.#toConnection(row);
  }

  #validateSecret(
    secret: string,
    provider: ConnectionRow['provider'],
    environment: ConnectionRow['environment'],
  ): void {
    const objection = this.#dependencies.providers[provider].validateSecret(secret, environment);
    if (objection !== null) throw new AppError('secret_invalid', objection, { details: { field: 'secret' } });
  }

  async #assertNoTrackedSessions({ id, name }: ConnectionRow, field: string): Promise<void> {
    const count = await this.#dependencies.store.run('countSessionsOfConnection', id);
    if (count === 0) return;
    throw new AppError(
      'connection_immutable',
      `${name} has ${count} tracked ${count === 1 ? 'session' : 'sessions'} of this account. Connect the other account as a connection of its own.`,
      { details: { field, count } },
    );
  }

  #getRow(id: string): ConnectionRow {
    const row = this.#rows.get(id);
    if (row) return row;
    const message = 'This connection does not exist any more. Go back to Connections.';
    throw new AppError('connection_not_found', message, { details: { connectionId: id } });
  }

  #toConnection(row: ConnectionRow): Connection {
    const gone =
      row.secretPlace === 'memory'
        ? !this.#dependencies.secretStore.isInMemory(row.id)
        : this.#missingSecrets.has(row.id);
    return {
      id: row.id,
      name: row.name,
      environment: row.environment,
      baseUrl: row.baseUrl,
      createdAt: row.createdAt,
      options: connectionOptions.parse(JSON.parse(row.options)),
      credential: {
        state: gone ? 'missing' : row.secretPlace === 'memory' ? 'in_memory' : 'stored',
        lastFour: row.secretLastFour || null,
        storedAt: row.secretStoredAt || null,
      },
      hasWebhookSecret:
        row.eventSecretPlace === 'keychain' ||
        (row.eventSecretPlace === 'memory' && this.#dependencies.secretStore.isInMemory(webhookSecretAccount(row.id))),
      isLocked: row.locked === 1,
    };
  }
}

function webhookSecretAccount(connectionId: string): string {
  return `${connectionId}/events`;
}

/** What the audit log says of a connection. */
export function auditFields({ id, name, environment }: Pick<Connection, 'id' | 'name' | 'environment'>) {
  return { connectionId: id, connectionName: name, environment } satisfies Partial<AuditEntry>;
}

function practiceConnectionError(): AppError {
  const message = 'Practice has its own simulated accounts and calls no other. Leave practice to connect a provider.';
  return new AppError('base_url_refused', message);
}
