import {
  createMessage,
  isAppError,
  type BatchIssue,
  type Cause,
  type Connection,
  type Message,
} from '../../contract/index.ts';
import type { CancellationRow } from '../store/index.ts';

/**
 * After this many failures in a row the connection is paused. A refusal usually concerns the credential, so two are
 * enough.
 */
const maxConsecutiveFailures = { refused: 2, not_sent: 3, unclear: 5 } as const;
type FailureKind = keyof typeof maxConsecutiveFailures;

/** Token bucket for retries: a retry costs five tokens, a cancellation without a failure gains one. */
const retryBudget = { capacity: 50, cost: 5, gain: 1 } as const;

interface Circuit {
  readonly consecutiveFailures: Record<FailureKind, number>;
  issue: BatchIssue | null;
  retryTokens: number;
  readonly waiters: Set<() => void>;
}

/**
 * Pauses a connection for all batches after repeated failures, until the operator resumes it. Cancellations of single
 * sessions are not paused.
 */
export class CircuitBreaker {
  readonly #circuits = new Map<string, Circuit>();

  getIssue(connectionId: string): BatchIssue | null {
    return this.#getOrCreateCircuit(connectionId).issue;
  }

  /** Resolves when the connection is not paused. Rejects with the signal's reason if the signal aborts first. */
  async waitUntilClosed(connectionId: string, signal: AbortSignal): Promise<void> {
    const circuit = this.#getOrCreateCircuit(connectionId);
    while (circuit.issue) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        const wake = () => {
          circuit.waiters.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        circuit.waiters.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    }
    signal.throwIfAborted();
  }

  /** Counts an outcome. Returns the issue if this outcome pauses the connection, otherwise null. */
  recordOutcome(
    connection: Connection,
    row: Pick<CancellationRow, 'state' | 'cause' | 'providerMessage'>,
  ): BatchIssue | null {
    const circuit = this.#getOrCreateCircuit(connection.id);
    const failure = classifyFailure(row);
    if (failure === null) {
      Object.assign(circuit.consecutiveFailures, { refused: 0, not_sent: 0, unclear: 0 });
      circuit.retryTokens = Math.min(retryBudget.capacity, circuit.retryTokens + retryBudget.gain);
      return null;
    }
    circuit.consecutiveFailures[failure] += 1;
    if (circuit.issue || circuit.consecutiveFailures[failure] < maxConsecutiveFailures[failure]) return null;
    return (circuit.issue = createConnectionIssue(failure, row.cause, connection));
  }

  /** Whether a request may be retried; if so, takes the tokens for it. */
  tryRetry(connectionId: string): boolean {
    const circuit = this.#getOrCreateCircuit(connectionId);
    if (circuit.retryTokens < retryBudget.cost) return false;
    circuit.retryTokens -= retryBudget.cost;
    return true;
  }

  trip(connectionId: string, issue: BatchIssue): void {
    this.#getOrCreateCircuit(connectionId).issue ??= issue;
  }

  reset(connectionId: string): void {
    const circuit = this.#getOrCreateCircuit(connectionId);
    circuit.issue = null;
    circuit.retryTokens = retryBudget.capacity;
    Object.assign(circuit.consecutiveFailures, { refused: 0, not_sent: 0, unclear: 0 });
    for (const wake of [...circuit.waiters]) wake();
  }

  #getOrCreateCircuit(connectionId: string): Circuit {
    let circuit = this.#circuits.get(connectionId);
    if (!circuit) {
      circuit = {
        consecutiveFailures: { refused: 0, not_sent: 0, unclear: 0 },
        issue: null,
        retryTokens: retryBudget.capacity,
        waiters: new Set(),
      };
      this.#circuits.set(connectionId, circuit);
    }
    return circuit;
  }
}

/** The kind of failure if the outcome concerns the connection and not the session, otherwise null. */
function classifyFailure({ state, cause }: Pick<CancellationRow, 'state' | 'cause'>): FailureKind | null {
  if (state === 'refused') return 'refused';
  if (state === 'not_sent') return cause === 'stopped_before_sending' ? null : 'not_sent';
  if (state === 'unknown') return 'unclear';
  return null;
}

function createConnectionIssue(failure: FailureKind, cause: Cause | null, { name }: Connection): BatchIssue {
  if (cause === 'throttled') return { ...createMessage('batch.connectionThrottled', { name }), action: 'ask_provider' };
  switch (failure) {
    case 'refused':
      if (cause === 'endpoint_off')
        return { ...createMessage('batch.connectionCancelDisabled', { name }), action: 'ask_provider' };
      if (cause === 'address_not_allowed')
        return { ...createMessage('batch.connectionAddressNotAllowed', { name }), action: 'ask_provider' };
      return { ...createMessage('batch.connectionRefused', { name }), action: 'replace_secret' };
    case 'not_sent':
      return { ...createMessage('batch.connectionUnreachable', { name }), action: 'check_network' };
    case 'unclear':
      return { ...createMessage('batch.connectionUnclear', { name }), action: 'look_at_outcomes' };
  }
}

/** The issue as a detail of an audit record. */
export function toIssueDetail({ message, messageKey, params }: BatchIssue) {
  return { kind: 'issue' as const, message, messageKey, params };
}

/**
 * The issue for an error that occurred while the secret was fetched or a record was stored. `connection` is null if the
 * error concerns the whole batch. The text of an error that is no AppError may be confidential and is not
 * used.
 */
export function createIssueFromError(error: unknown, connection: Pick<Connection, 'name'> | null): BatchIssue {
  if (isAppError(error)) {
    const { message, messageKey, params } = error;
    const text: Message = { message, messageKey, params };
    switch (error.code) {
      case 'credential_missing':
      case 'credential_destination_changed':
        return { ...text, action: 'replace_secret' };
      case 'connection_locked':
        return { ...text, action: 'unlock_connection' };
      case 'keychain_locked':
      case 'keychain_timed_out':
      case 'keychain_unavailable':
        return { ...text, action: 'unlock_keychain' };
      case 'disk_full':
      case 'folder_not_writable':
        return { ...text, action: 'free_disk' };
      case 'restore_not_reviewed':
        return { ...text, action: 'look_at_outcomes' };
      default:
        break;
    }
  }
  const text = connection
    ? createMessage('batch.connectionUnexpected', { name: connection.name })
    : createMessage('batch.batchUnexpected');
  return { ...text, action: 'look_at_outcomes' };
}
