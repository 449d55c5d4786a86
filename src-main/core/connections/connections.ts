import { randomUUID } from 'node:crypto';
import {
  connectionOptions,
  AppError,
  createMessage,
  type ParsedInput,
  type Connection,
  type ConnectionTestResult,
  type WorkspaceName,
} from '../../contract/index.ts';
import type { Account, Providers } from '../providers/index.ts';
import type { AuditEntry, ConnectionRow, Store } from '../store/index.ts';
import { requireConfirmation, type ConfirmInHost } from '../host-confirmation.ts';
import {
  auditFields,
  changedAccountField,
  isPreset,
  listChanges,
  locationDetail,
  parseBaseUrl,
  practiceConnectionError,
  toTestResult,
} from './connection-fields.ts';
import {
  connectionDestination,
  createSecretError,
  inspectSecret,
  type BoundSecret,
  type ConnectionDestination,
  type SecretBinding,
  type SecretStore,
} from './secret-store.ts';

export interface ConnectionsDependencies {
  readonly workspace: WorkspaceName;
  readonly store: Store;
  readonly secretStore: SecretStore;
  readonly providers: Providers;
  readonly confirmInHost: ConfirmInHost | null;
  /** Aborts connection tests when the workspace closes. */
  readonly closingSignal: AbortSignal;
  /** Throws restore_not_reviewed while nothing may be sent. */
  assertMaySend(): void;
  onChanged(): void;
}

/** The connections of a workspace. The few rows are kept in memory. A secret is read for each operation. */
export class Connections {
  readonly #dependencies: ConnectionsDependencies;
  readonly #rows = new Map<string, ConnectionRow>();
  /** By connection id: why the secret in the keychain cannot be used, as found when it was last read. */
  readonly #unusableSecrets = new Map<string, Exclude<BoundSecret['kind'], 'found'>>();

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

  /**
   * Throws base_url_refused, secret_invalid or secret_not_storable with `details.field`, confirmation_declined or a
   * keychain_ error. Nothing is stored after an error.
   */
  async add(input: ParsedInput<'connections.add'>): Promise<Connection> {
    const { provider } = input.options;
    if (this.#dependencies.workspace === 'practice') throw practiceConnectionError();
    const baseUrl = parseBaseUrl(input.baseUrl, provider, input.environment);
    this.#validateSecret(input.secret, { provider, environment: input.environment });
    const destination = { provider, environment: input.environment, baseUrl };
    await this.#confirmNewOrigin(input.name, destination);
    const now = new Date().toISOString();
    const id = randomUUID();
    const row = {
      id,
      name: input.name,
      ...destination,
      options: JSON.stringify(input.options),
      createdAt: now,
      eventSecretPlace: null,
      locked: 0,
      ...(await this.#storeSecret({ id, ...destination }, input.secret, input.allowInMemory)),
    };
    try {
      return await this.#save(row, { action: 'connection_added', detail: locationDetail(row.secretPlace) });
    } catch (error) {
      // Without the connection, nobody could delete the secret.
      await this.#dependencies.secretStore.delete(row.id, row.secretPlace);
      throw error;
    }
  }

  /** Creates or updates a connection of practice at each start, without the validation of operator input. */
  async upsertPracticeConnection(
    fields: Omit<ConnectionRow, 'secretPlace' | 'secretLastFour' | 'secretStoredAt' | 'eventSecretPlace' | 'locked'>,
    secret: string,
  ): Promise<void> {
    const current = this.#rows.get(fields.id);
    const retained = { eventSecretPlace: current?.eventSecretPlace ?? null, locked: current?.locked ?? 0 };
    const row = { ...fields, ...retained, ...(await this.#storeSecret(fields, secret, true)) };
    if (!current)
      return void (await this.#save(row, { action: 'connection_added', detail: locationDetail(row.secretPlace) }));
    await this.#dependencies.store.run('putConnection', { row, audit: null });
    this.#rows.set(row.id, row);
  }

  /** Throws connection_immutable with `details.field` if the account would change while sessions are tracked. */
  async change({ connectionId, name, options }: ParsedInput<'connections.change'>): Promise<Connection> {
    const row = this.#getRow(connectionId);
    if (this.#dependencies.workspace === 'practice') throw practiceConnectionError();
    const before = this.#toConnection(row);
    const field = changedAccountField(before.options, options);
    if (field !== null) await this.#assertNoTrackedSessions(row, field);
    const changes = listChanges(before, { name, options });
    if (changes.length === 0) return before;
    const changed = await this.#save(
      { ...row, name, options: JSON.stringify(options) },
      { action: 'connection_changed', detail: { kind: 'changes', changes } },
    );
    this.#dependencies.providers[row.provider].releaseConnection(row.id);
    return changed;
  }

  async replaceSecret(input: ParsedInput<'connections.replaceSecret'>): Promise<Connection> {
    const { connectionId, secret, allowInMemory } = input;
    const row = this.#getRow(connectionId);
    if (this.#dependencies.workspace === 'practice') throw practiceConnectionError();
    this.#validateSecret(secret, row);
    await this.#confirmOtherDestination(row);
    const stored = await this.#storeSecret(row, secret, allowInMemory);
    this.#dependencies.providers[row.provider].releaseConnection(row.id);
    this.#unusableSecrets.delete(row.id);
    return await this.#save(
      { ...row, ...stored },
      { action: 'secret_replaced', detail: locationDetail(stored.secretPlace) },
    );
  }

  /**
   * Resolves after the keychain deleted the secret. Throws a keychain_ error if it did not; then nothing is changed.
   */
  async deleteSecret({ connectionId, purpose }: ParsedInput<'connections.deleteSecret'>): Promise<Connection> {
    const row = this.#getRow(connectionId);
    if (this.#dependencies.workspace === 'practice') throw practiceConnectionError();
    if (purpose === 'webhook') {
      await this.#dependencies.secretStore.delete(webhookSecretAccount(row.id), row.eventSecretPlace);
      return await this.#save({ ...row, eventSecretPlace: null }, { action: 'event_secret_forgotten' });
    }
    await this.#dependencies.secretStore.delete(row.id, row.secretPlace);
    this.#dependencies.providers[row.provider].releaseConnection(row.id);
    // The location `memory` without an entry in memory means that the secret is missing.
    return await this.#save(
      { ...row, secretPlace: 'memory', secretLastFour: '', secretStoredAt: '' },
      { action: 'secret_forgotten' },
    );
  }

  /** Stores the secret that verifies the webhook events of this account. */
  async setWebhookSecret(input: ParsedInput<'connections.setWebhookSecret'>): Promise<Connection> {
    const { connectionId, secret, allowInMemory } = input;
    const row = this.#getRow(connectionId);
    const eventSecretPlace = await this.#dependencies.secretStore.set(
      webhookSecretAccount(row.id),
      secret,
      allowInMemory,
    );
    return await this.#save(
      { ...row, eventSecretPlace },
      { action: 'event_secret_stored', detail: locationDetail(eventSecretPlace) },
    );
  }

  /** The secret that verifies webhook events. Throws webhook_secret_missing or a keychain_ error. */
  async getWebhookSecret(connectionId: string): Promise<string> {
    const row = this.#getRow(connectionId);
    const secret = this.#toConnection(row).hasWebhookSecret
      ? await this.#dependencies.secretStore.get(webhookSecretAccount(row.id))
      : null;
    if (secret !== null) return secret;
    const message =
      row.provider === 'flinks'
        ? createMessage('connection.webhookSecretMissing', { name: row.name })
        : createMessage('connection.callbackTokenMissing', { name: row.name });
    throw new AppError('webhook_secret_missing', message, { details: { connectionId } });
  }

  /** Callers that send a cancel must call `assertUnlocked` first. */
  async setLocked({ connectionId, isLocked }: ParsedInput<'connections.setLocked'>): Promise<Connection> {
    const row = this.#getRow(connectionId);
    if ((row.locked === 1) === isLocked) return this.#toConnection(row);
    return await this.#save(
      { ...row, locked: isLocked ? 1 : 0 },
      { action: isLocked ? 'connection_locked' : 'connection_unlocked' },
    );
  }

  /** Throws connection_locked. */
  assertUnlocked(connectionId: string): void {
    const { name, locked } = this.#getRow(connectionId);
    if (locked === 0) return;
    throw new AppError('connection_locked', createMessage('connection.locked', { name }), {
      details: { connectionId },
    });
  }

  /** Throws connection_in_use while the connection has tracked sessions, because their records name it. */
  async remove(connectionId: string): Promise<void> {
    const row = this.#getRow(connectionId);
    const count = await this.#dependencies.store.run('countSessionsOfConnection', row.id);
    if (count > 0) {
      throw new AppError('connection_in_use', createMessage('connection.inUse', { name: row.name, count }), {
        details: { count },
      });
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

  /** Tests the credential at the provider and records the test. Throws the errors of `getAccount`. */
  async test(connectionId: string): Promise<ConnectionTestResult> {
    const row = this.#getRow(connectionId);
    const credentialResult = await this.#dependencies.providers[row.provider].testCredential(
      await this.getAccount(connectionId),
      this.#dependencies.closingSignal,
    );
    const result = toTestResult(credentialResult);
    await this.#dependencies.store.run('appendAudit', {
      action: 'connection_tested',
      ...auditFields(row),
      outcome: result.result,
      durationMs: result.durationMs,
      providerCode: credentialResult.evidence.providerCode,
      requestId: credentialResult.evidence.requestId,
    });
    return result;
  }

  /**
   * The account with its secret; nothing is sent to a provider without it. Throws restore_not_reviewed,
   * credential_missing, credential_destination_changed or a keychain_ error.
   */
  async getAccount(connectionId: string): Promise<Account> {
    this.#dependencies.assertMaySend();
    const row = this.#getRow(connectionId);
    const found = await this.#readSecret(row);
    if (found.kind !== 'found') throw await this.#withholdSecret(row, found);
    this.#unusableSecrets.delete(row.id);
    return {
      connectionId: row.id,
      environment: row.environment,
      baseUrl: row.baseUrl,
      options: this.#toConnection(row).options,
      secret: found.secret,
    };
  }

  /** Whether the secret can be sent to the present destination of the connection. */
  async inspectSecret(connectionId: string): Promise<SecretBinding> {
    return await inspectSecret(() => this.#readSecret(this.#getRow(connectionId)));
  }

  /** Throws a keychain_ error. */
  async #readSecret(row: ConnectionRow): Promise<BoundSecret> {
    // A secret that was only in memory is not read from the keychain, because this computer may have none.
    if (this.#isLostFromMemory(row)) return { kind: 'missing' };
    return await this.#dependencies.secretStore.getBound(row.id, connectionDestination(row));
  }

  #isLostFromMemory({ id, secretPlace }: ConnectionRow): boolean {
    return secretPlace === 'memory' && !this.#dependencies.secretStore.isInMemory(id);
  }

  /** Returns the error for a secret that cannot be used. A secret for another destination is recorded once per run. */
  async #withholdSecret(row: ConnectionRow, found: Exclude<BoundSecret, { kind: 'found' }>): Promise<AppError> {
    const isNew = this.#unusableSecrets.get(row.id) !== found.kind;
    this.#unusableSecrets.set(row.id, found.kind);
    this.#dependencies.onChanged();
    if (isNew && found.kind === 'other_destination') {
      const { storedFor } = found;
      const detail = {
        kind: 'secret_withheld' as const,
        feed: null,
        storedFor,
        destination: connectionDestination(row),
      };
      await this.#dependencies.store.run('appendAudit', { action: 'secret_withheld', ...auditFields(row), detail });
    }
    return createSecretError(row, found);
  }

  /** Asks in the host if neither the provider's preset nor another connection has this origin. */
  async #confirmNewOrigin(name: string, destination: ConnectionDestination): Promise<void> {
    const origin = destination.baseUrl;
    if (isPreset(destination) || [...this.#rows.values()].some(({ baseUrl }) => baseUrl === origin)) return;
    const request = { kind: 'new_destination' as const, subject: 'connection' as const, name, origin };
    await requireConfirmation(this.#dependencies.confirmInHost, request);
  }

  /**
   * Asks in the host if a secret was stored for another destination, or if none can be read and the origin is not the
   * provider's preset: the database alone names that origin.
   */
  async #confirmOtherDestination(row: ConnectionRow): Promise<void> {
    const binding = await this.inspectSecret(row.id);
    if (binding.kind === 'matches' || (binding.kind !== 'other_destination' && isPreset(row))) return;
    await requireConfirmation(this.#dependencies.confirmInHost, {
      kind: 'secret_destination',
      name: row.name,
      storedFor: binding.kind === 'other_destination' ? binding.storedFor : null,
      destination: connectionDestination(row),
    });
  }

  async #storeSecret(row: ConnectionDestination & { readonly id: string }, secret: string, allowInMemory: boolean) {
    const secretPlace = await this.#dependencies.secretStore.setBound(row.id, secret, {
      destination: connectionDestination(row),
      allowInMemory,
    });
    return {
      secretPlace,
      secretLastFour: secret.length >= 12 ? secret.slice(-4) : '',
      secretStoredAt: new Date().toISOString(),
    };
  }

  async #save(row: ConnectionRow, audit: AuditEntry): Promise<Connection> {
    await this.#dependencies.store.run('putConnection', { row, audit: { ...audit, ...auditFields(row) } });
    this.#rows.set(row.id, row);
    this.#dependencies.onChanged();
    return this.#toConnection(row);
  }

  #validateSecret(secret: string, { provider, environment }: Omit<ConnectionDestination, 'baseUrl'>): void {
    const problem = this.#dependencies.providers[provider].validateSecret(secret, environment);
    if (problem !== null) throw new AppError('secret_invalid', problem, { details: { field: 'secret' } });
  }

  async #assertNoTrackedSessions({ id, name }: ConnectionRow, field: string): Promise<void> {
    const count = await this.#dependencies.store.run('countSessionsOfConnection', id);
    if (count === 0) return;
    throw new AppError('connection_immutable', createMessage('connection.accountImmutable', { name, count }), {
      details: { field, count },
    });
  }

  #getRow(id: string): ConnectionRow {
    const row = this.#rows.get(id);
    if (row) return row;
    throw new AppError('connection_not_found', createMessage('connection.notFound'), {
      details: { connectionId: id },
    });
  }

  #toConnection(row: ConnectionRow): Connection {
    const problem = this.#isLostFromMemory(row) ? 'missing' : this.#unusableSecrets.get(row.id);
    return {
      id: row.id,
      name: row.name,
      environment: row.environment,
      baseUrl: row.baseUrl,
      createdAt: row.createdAt,
      options: connectionOptions.parse(JSON.parse(row.options)),
      credential: {
        state: problem ?? (row.secretPlace === 'memory' ? 'in_memory' : 'stored'),
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
