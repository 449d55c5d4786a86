import { randomUUID } from 'node:crypto';
import {
  connectionOptions,
  DeskError,
  type CheckedInput,
  type Connection,
  type ConnectionVerdict,
  type WorkspaceName,
} from '../../contract/index.ts';
import type { Account, Providers } from '../providers/index.ts';
import type { AuditEntry, ConnectionRow, Store } from '../store/index.ts';
import { checkedBaseUrl } from './base-url.ts';
import { accountField, changesBetween } from './connection-diff.ts';
import type { Vault } from './secret-store.ts';
import { verdictOf } from './test-result.ts';

export interface ConnectionsParts {
  readonly workspace: WorkspaceName;
  readonly store: Store;
  readonly vault: Vault;
  readonly providers: Providers;
  changed(): void;
}

/** The accounts of a workspace. Rows are few and kept in memory; the secret is fetched from the vault per operation. */
export class Connections {
  readonly #parts: ConnectionsParts;
  readonly #rows = new Map<string, ConnectionRow>();
  /** Connections whose secret the keychain turned out not to have any more. */
  readonly #lost = new Set<string>();

  private constructor(parts: ConnectionsParts) {
    this.#parts = parts;
  }

  static async open(parts: ConnectionsParts): Promise<Connections> {
    const connections = new Connections(parts);
    for (const row of await parts.store.run('connections', null)) connections.#rows.set(row.id, row);
    return connections;
  }

  list(): Connection[] {
    return [...this.#rows.values()].map((row) => this.#view(row));
  }

  get(id: string): Connection {
    return this.#view(this.#row(id));
  }

  /** Throws base_url_refused, key_refused, secret_refused or a keychain_ code with `details.field`; nothing is stored then. */
  async add(input: CheckedInput<'connections.add'>): Promise<Connection> {
    const { provider } = input.options;
    if (this.#parts.workspace === 'practice') throw practiceOnly();
    const baseUrl = checkedBaseUrl(input.baseUrl, provider, input.environment);
    this.#checkSecret(input.secret, provider, input.environment);
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
      ...(await this.#storeSecret(id, input.secret, input.keepForThisRun)),
    };
    try {
      return await this.#put(row, 'connection_added', row.secretPlace);
    } catch (error) {
      // A secret that no connection names could never be found or removed again.
      await this.#parts.vault.forget(row.id, row.secretPlace);
      throw error;
    }
  }

  /** Sets up an account of practice, anew at each start and without the checks of what an operator types. */
  async furnish(
    fields: Omit<ConnectionRow, 'secretPlace' | 'secretLastFour' | 'secretStoredAt' | 'eventSecretPlace' | 'locked'>,
    secret: string,
  ): Promise<void> {
    const known = this.#rows.get(fields.id);
    const kept = { eventSecretPlace: known?.eventSecretPlace ?? null, locked: known?.locked ?? 0 };
    const row = { ...fields, ...kept, ...(await this.#storeSecret(fields.id, secret, true)) };
    if (!known) return void (await this.#put(row, 'connection_added', row.secretPlace));
    await this.#parts.store.run('putConnection', { row, audit: null });
    this.#rows.set(row.id, row);
  }

  /** Throws connection_fixed with `details.field` where it would become another account under the sessions that are tracked. */
  async change({ connectionId, name, options }: CheckedInput<'connections.change'>): Promise<Connection> {
    const row = this.#row(connectionId);
    if (this.#parts.workspace === 'practice') throw practiceOnly();
    const before = this.#view(row);
    const field = accountField(before.options, options);
    if (field !== null) await this.#refuseIfTracked(row, field);
    const detail = changesBetween(before, { name, options });
    if (detail === '') return before;
    const changed = await this.#put({ ...row, name, options: JSON.stringify(options) }, 'connection_changed', detail);
    this.#parts.providers[row.provider].forget(row.id);
    return changed;
  }

  async replaceSecret({
    connectionId,
    secret,
    keepForThisRun,
  }: CheckedInput<'connections.replaceSecret'>): Promise<Connection> {
    const row = this.#row(connectionId);
    if (this.#parts.workspace === 'practice') throw practiceOnly();
    this.#checkSecret(secret, row.provider, row.environment);
    const stored = await this.#storeSecret(row.id, secret, keepForThisRun);
    this.#parts.providers[row.provider].forget(row.id);
    this.#lost.delete(row.id);
    return await this.#put({ ...row, ...stored }, 'secret_replaced', stored.secretPlace);
  }

  /** Gone from the keychain when it answers; a keychain_ code where that cannot be told, and nothing is changed then. */
  async forgetSecret({ connectionId, purpose }: CheckedInput<'connections.forgetSecret'>): Promise<Connection> {
    const row = this.#row(connectionId);
    if (this.#parts.workspace === 'practice') throw practiceOnly();
    if (purpose === 'events') {
      await this.#parts.vault.forget(eventAccount(row.id), row.eventSecretPlace);
      return await this.#put({ ...row, eventSecretPlace: null }, 'event_secret_forgotten', null);
    }
    await this.#parts.vault.forget(row.id, row.secretPlace);
    this.#parts.providers[row.provider].forget(row.id);
    // Nothing is in memory under its name: that is how a secret that is gone looks.
    return await this.#put(
      { ...row, secretPlace: 'memory', secretLastFour: '', secretStoredAt: '' },
      'secret_forgotten',
      null,
    );
  }

  /** Keeps what webhook events of this account are signed with. */
  async setEventSecret({
    connectionId,
    secret,
    keepForThisRun,
  }: CheckedInput<'connections.setEventSecret'>): Promise<Connection> {
    const row = this.#row(connectionId);
    const eventSecretPlace = await this.#parts.vault.put(eventAccount(row.id), secret, keepForThisRun);
    return await this.#put({ ...row, eventSecretPlace }, 'event_secret_stored', eventSecretPlace);
  }

  /** What events are signed with. Throws event_secret_missing or a keychain_ code. */
  async eventSecret(connectionId: string): Promise<string> {
    const row = this.#row(connectionId);
    const secret = this.#view(row).hasEventSecret ? await this.#parts.vault.fetch(eventAccount(row.id)) : null;
    if (secret !== null) return secret;
    const what = row.provider === 'flinks' ? 'webhook secret' : 'callback token';
    throw new DeskError(
      'event_secret_missing',
      `${row.name} has no secret to check the signature of events with. Enter its ${what} under Connections.`,
      { details: { connectionId } },
    );
  }

  /** A locked connection takes no cancel; whoever sends one asks `refuseIfLocked` first. */
  async setLocked({ connectionId, locked }: CheckedInput<'connections.setLocked'>): Promise<Connection> {
    const row = this.#row(connectionId);
    if ((row.locked === 1) === locked) return this.#view(row);
    return await this.#put(
      { ...row, locked: locked ? 1 : 0 },
      locked ? 'connection_locked' : 'connection_unlocked',
      null,
    );
  }

  refuseIfLocked(connectionId: string): void {
    const { name, locked } = this.#row(connectionId);
    if (locked === 0) return;
    throw new DeskError(
      'connection_locked',
      `${name} is locked: nothing is cancelled through it. Unlock it under Connections first.`,
      { details: { connectionId } },
    );
  }

  /** Refused while sessions are tracked on it: their record names the account. */
  async remove(connectionId: string): Promise<void> {
    const row = this.#row(connectionId);
    const count = await this.#parts.store.run('countSessionsOf', row.id);
    if (count > 0) {
      throw new DeskError(
        'connection_in_use',
        `${row.name} has ${count} tracked sessions, whose record names it. It can only be removed while it has none.`,
        { details: { count } },
      );
    }
    await this.#parts.vault.forget(row.id, row.secretPlace);
    if (row.eventSecretPlace !== null) await this.#parts.vault.forget(eventAccount(row.id), row.eventSecretPlace);
    this.#parts.providers[row.provider].forget(row.id);
    await this.#parts.store.run('deleteConnection', {
      id: row.id,
      audit: { action: 'connection_removed', ...auditFacts(row) },
    });
    this.#rows.delete(row.id);
    this.#parts.changed();
  }

  async test(connectionId: string, signal: AbortSignal): Promise<ConnectionVerdict> {
    const row = this.#row(connectionId);
    const answer = await this.#parts.providers[row.provider].check(await this.account(connectionId), signal);
    const verdict = verdictOf(answer);
    await this.#parts.store.run('appendAudit', {
      action: 'connection_tested',
      ...auditFacts(row),
      outcome: verdict.verdict,
      durationMs: verdict.durationMs,
      providerCode: answer.evidence.providerCode,
      requestId: answer.evidence.requestId,
    });
    return verdict;
  }

  /** Everything a call needs, the secret included. Throws credential_missing or a keychain_ code. */
  async account(connectionId: string): Promise<Account> {
    const row = this.#row(connectionId);
    // What was kept for one run only is not looked for in a keychain that may not even be there.
    const isGone = row.secretPlace === 'memory' && !this.#parts.vault.holdsInMemory(row.id);
    const secret = isGone ? null : await this.#parts.vault.fetch(row.id);
    if (secret === null) {
      if (!isGone) this.#lost.add(row.id);
      this.#parts.changed();
      const message = `The secret of ${row.name} is not stored any more. Enter it again under Connections.`;
      throw new DeskError('credential_missing', message, { details: { connectionId } });
    }
    return {
      connectionId: row.id,
      environment: row.environment,
      baseUrl: row.baseUrl,
      options: this.#view(row).options,
      secret,
    };
  }

  async #storeSecret(id: string, secret: string, keepForThisRun: boolean) {
    const secretPlace = await this.#parts.vault.put(id, secret, keepForThisRun);
    return {
      secretPlace,
      secretLastFour: secret.length >= 12 ? secret.slice(-4) : '',
      secretStoredAt: new Date().toISOString(),
    };
  }

  /** `detail`: where the secret in question is kept, or what was changed. */
  async #put(row: ConnectionRow, action: AuditEntry['action'], detail: string | null): Promise<Connection> {
    await this.#parts.store.run('putConnection', { row, audit: { action, ...auditFacts(row), detail } });
    this.#rows.set(row.id, row);
    this.#parts.changed();
    return this.#view(row);
  }

  #checkSecret(secret: string, provider: ConnectionRow['provider'], environment: ConnectionRow['environment']): void {
    const objection = this.#parts.providers[provider].secretObjection(secret, environment);
    if (objection !== null) throw new DeskError('key_refused', objection, { details: { field: 'secret' } });
  }

  async #refuseIfTracked({ id, name }: ConnectionRow, field: string): Promise<void> {
    const count = await this.#parts.store.run('countSessionsOf', id);
    if (count === 0) return;
    throw new DeskError(
      'connection_fixed',
      `${name} has ${count} tracked ${count === 1 ? 'session' : 'sessions'} of this account. Connect the other account as a connection of its own.`,
      { details: { field, count } },
    );
  }

  #row(id: string): ConnectionRow {
    const row = this.#rows.get(id);
    if (row) return row;
    const message = 'This connection does not exist any more. Go back to Connections.';
    throw new DeskError('connection_not_found', message, { details: { connectionId: id } });
  }

  #view(row: ConnectionRow): Connection {
    const gone = row.secretPlace === 'memory' ? !this.#parts.vault.holdsInMemory(row.id) : this.#lost.has(row.id);
    return {
      id: row.id,
      name: row.name,
      environment: row.environment,
      baseUrl: row.baseUrl,
      createdAt: row.createdAt,
      options: connectionOptions.parse(JSON.parse(row.options)),
      credential: {
        state: gone ? 'missing' : row.secretPlace === 'memory' ? 'this_run' : 'stored',
        lastFour: row.secretLastFour || null,
        storedAt: row.secretStoredAt || null,
      },
      hasEventSecret:
        row.eventSecretPlace === 'keychain' ||
        (row.eventSecretPlace === 'memory' && this.#parts.vault.holdsInMemory(eventAccount(row.id))),
      locked: row.locked === 1,
    };
  }
}

function eventAccount(connectionId: string): string {
  return `${connectionId}/events`;
}

/** What the audit log says of a connection. */
export function auditFacts({ id, name, environment }: Pick<Connection, 'id' | 'name' | 'environment'>) {
  return { connectionId: id, connectionName: name, environment } satisfies Partial<AuditEntry>;
}

function practiceOnly(): DeskError {
  const message = 'Practice has its own simulated accounts and calls no other. Leave practice to connect a provider.';
  return new DeskError('base_url_refused', message);
}
