import { isAppError, type BatchIssue, type Cause, type Connection, createMessage } from '../../contract/index.ts';
import type { CancellationRow } from '../store/index.ts';

/** After so many in a row the next ones would fare no better. A refusal is about the credential: one more makes sure. */
const maxConsecutiveFailures = { refused: 2, not_sent: 3, unclear: 5 } as const;
type FailureKind = keyof typeof maxConsecutiveFailures;

/** What may be asked again: each repeat takes five, each cancellation that went well gives one back. */
const retryBudget = { capacity: 50, cost: 5, gain: 1 } as const;

interface Circuit {
  readonly consecutiveFailures: Record<FailureKind, number>;
  issue: BatchIssue | null;
  retryTokens: number;
  readonly waiters: Set<() => void>;
}

/**
 * Stops what goes to a connection by itself where it keeps refusing or failing, for every batch alike, until the operator says to go on.
 * What an operator asks for by hand is not held up.
 */
export class CircuitBreaker {
  readonly #circuits = new Map<string, Circuit>();

  getIssue(connectionId: string): BatchIssue | null {
    return this.#getOrCreateCircuit(connectionId).issue;
  }

  /** Resolves once the connection may be used; rejects with the signal's reason where that comes first. */
  async waitUntilClosed(connectionId: string, signal: AbortSignal): Promise<void> {
    const circuit = this.#getOrCreateCircuit(connectionId);
    while (circuit.issue) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        const go = () => {
          circuit.waiters.delete(go);
          signal.removeEventListener('abort', go);
          resolve();
        };
        circuit.waiters.add(go);
        signal.addEventListener('abort', go, { once: true });
      });
    }
    signal.throwIfAborted();
  }

  /** Learns from an outcome; answers with the trouble where this one was too much. */
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

  /** Whether something may be asked again; counts that it is. */
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
    for (const go of [...circuit.waiters]) go();
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

/** What an outcome says against its connection, not against its session. */
function classifyFailure({ state, cause }: Pick<CancellationRow, 'state' | 'cause'>): FailureKind | null {
  if (state === 'refused') return 'refused';
  if (state === 'not_sent') return cause === 'stopped_before_sending' ? null : 'not_sent';
  if (state === 'unknown') return 'unclear';
  return null;
}

function createConnectionIssue(failure: FailureKind, cause: Cause | null, { name }: Connection): BatchIssue {
  if (cause === 'throttled')
    return {
      ...createMessage('app.verbatim', {
        text: `${name} keeps answering that there are too many requests. Lower its pace, then resume it.`,
      }),
      action: 'ask_provider',
    };
  switch (failure) {
    case 'refused':
      if (cause === 'endpoint_off') {
        return {
          ...createMessage('app.verbatim', {
            text: `${name} answers as if cancelling such sessions were not released for this account. Ask the provider, then resume it.`,
          }),
          action: 'ask_provider',
        };
      }
      if (cause === 'address_not_allowed') {
        return {
          ...createMessage('app.verbatim', {
            text: `${name} takes no calls from this machine’s address. Have the address allowed by the provider, then resume it.`,
          }),
          action: 'ask_provider',
        };
      }
      return {
        ...createMessage('app.verbatim', {
          text: `${name} keeps refusing: its secret may be wrong, expired or without the permission to cancel. Replace it, then resume it.`,
        }),
        action: 'replace_secret',
      };
    case 'not_sent':
      return {
        ...createMessage('app.verbatim', {
          text: `${name} cannot be reached: nothing was sent. Check the network, then resume it.`,
        }),
        action: 'check_network',
      };
    case 'unclear':
      return {
        ...createMessage('app.verbatim', {
          text: `${name} keeps answering in a way that tells nothing. Look at the outcomes that are not known before you resume it.`,
        }),
        action: 'look_at_outcomes',
      };
  }
}

/** Why nothing can be begun on a connection, from what getting its secret or writing the record was answered. */
export function createIssueFromError(error: unknown, { name }: Pick<Connection, 'name'>): BatchIssue {
  const code = isAppError(error) ? error.code : null;
  const message = error instanceof Error ? error.message : String(error);
  switch (code) {
    case 'credential_missing':
      return { ...createMessage('app.verbatim', { text: message }), action: 'replace_secret' };
    case 'connection_locked':
      return { ...createMessage('app.verbatim', { text: message }), action: 'unlock_connection' };
    case 'keychain_locked':
    case 'keychain_timed_out':
    case 'keychain_unavailable':
      return { ...createMessage('app.verbatim', { text: message }), action: 'unlock_keychain' };
    case 'disk_full':
    case 'folder_not_writable':
      return { ...createMessage('app.verbatim', { text: message }), action: 'free_disk' };
    default:
      return {
        ...createMessage('app.verbatim', {
          text: `${name} cannot be used for a reason nobody foresaw. Nothing more is sent; what was sent is read back when the batch goes on.`,
        }),
        action: 'look_at_outcomes',
      };
  }
}
