import { isDeskError, type BatchTrouble, type Cause, type Connection } from '../../contract/index.ts';
import type { CancellationRow } from '../store/index.ts';

/** After so many in a row the next ones would fare no better. A refusal is about the credential: one more makes sure. */
const mostInRow = { refused: 2, not_sent: 3, unclear: 5 } as const;
type Failure = keyof typeof mostInRow;

/** What may be asked again: each repeat takes five, each cancellation that went well gives one back. */
const repeats = { capacity: 50, cost: 5, gain: 1 } as const;

interface Brake {
  readonly inRow: Record<Failure, number>;
  trouble: BatchTrouble | null;
  repeats: number;
  readonly waiting: Set<() => void>;
}

/**
 * Stops what goes to a connection by itself where it keeps refusing or failing, for every batch alike, until the operator says to go on.
 * What an operator asks for by hand is not held up.
 */
export class Brakes {
  readonly #brakes = new Map<string, Brake>();

  trouble(connectionId: string): BatchTrouble | null {
    return this.#of(connectionId).trouble;
  }

  /** Resolves once the connection may be used; rejects with the signal's reason where that comes first. */
  async released(connectionId: string, signal: AbortSignal): Promise<void> {
    const brake = this.#of(connectionId);
    while (brake.trouble) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        const go = () => {
          brake.waiting.delete(go);
          signal.removeEventListener('abort', go);
          resolve();
        };
        brake.waiting.add(go);
        signal.addEventListener('abort', go, { once: true });
      });
    }
    signal.throwIfAborted();
  }

  /** Learns from an outcome; answers with the trouble where this one was too much. */
  learn(
    connection: Connection,
    row: Pick<CancellationRow, 'state' | 'cause' | 'providerMessage'>,
  ): BatchTrouble | null {
    const brake = this.#of(connection.id);
    const failure = failureOf(row);
    if (failure === null) {
      Object.assign(brake.inRow, { refused: 0, not_sent: 0, unclear: 0 });
      brake.repeats = Math.min(repeats.capacity, brake.repeats + repeats.gain);
      return null;
    }
    brake.inRow[failure] += 1;
    if (brake.trouble || brake.inRow[failure] < mostInRow[failure]) return null;
    return (brake.trouble = troubleAfter(failure, row.cause, connection));
  }

  /** Whether something may be asked again; counts that it is. */
  takeRepeat(connectionId: string): boolean {
    const brake = this.#of(connectionId);
    if (brake.repeats < repeats.cost) return false;
    brake.repeats -= repeats.cost;
    return true;
  }

  pull(connectionId: string, trouble: BatchTrouble): void {
    this.#of(connectionId).trouble ??= trouble;
  }

  release(connectionId: string): void {
    const brake = this.#of(connectionId);
    brake.trouble = null;
    brake.repeats = repeats.capacity;
    Object.assign(brake.inRow, { refused: 0, not_sent: 0, unclear: 0 });
    for (const go of [...brake.waiting]) go();
  }

  #of(connectionId: string): Brake {
    let brake = this.#brakes.get(connectionId);
    if (!brake) {
      brake = {
        inRow: { refused: 0, not_sent: 0, unclear: 0 },
        trouble: null,
        repeats: repeats.capacity,
        waiting: new Set(),
      };
      this.#brakes.set(connectionId, brake);
    }
    return brake;
  }
}

/** What an outcome says against its connection, not against its session. */
function failureOf({ state, cause }: Pick<CancellationRow, 'state' | 'cause'>): Failure | null {
  if (state === 'refused') return 'refused';
  if (state === 'not_sent') return cause === 'stopped_before_sending' ? null : 'not_sent';
  if (state === 'unknown') return 'unclear';
  return null;
}

function troubleAfter(failure: Failure, cause: Cause | null, { name }: Connection): BatchTrouble {
  if (cause === 'throttled')
    return {
      message: `${name} keeps answering that there are too many requests. Lower its pace, then resume it.`,
      remedy: 'ask_provider',
    };
  switch (failure) {
    case 'refused':
      if (cause === 'endpoint_off') {
        return {
          message: `${name} answers as if cancelling such sessions were not released for this account. Ask the provider, then resume it.`,
          remedy: 'ask_provider',
        };
      }
      if (cause === 'address_not_allowed') {
        return {
          message: `${name} takes no calls from this machine’s address. Have the address allowed by the provider, then resume it.`,
          remedy: 'ask_provider',
        };
      }
      return {
        message: `${name} keeps refusing: its secret may be wrong, expired or without the permission to cancel. Replace it, then resume it.`,
        remedy: 'replace_secret',
      };
    case 'not_sent':
      return {
        message: `${name} cannot be reached: nothing was sent. Check the network, then resume it.`,
        remedy: 'check_network',
      };
    case 'unclear':
      return {
        message: `${name} keeps answering in a way that tells nothing. Look at the outcomes that are not known before you resume it.`,
        remedy: 'look_at_outcomes',
      };
  }
}

/** Why nothing can be begun on a connection, from what getting its secret or writing the record was answered. */
export function troubleFrom(error: unknown, { name }: Pick<Connection, 'name'>): BatchTrouble {
  const code = isDeskError(error) ? error.code : null;
  const message = error instanceof Error ? error.message : String(error);
  switch (code) {
    case 'credential_missing':
      return { message, remedy: 'replace_secret' };
    case 'connection_locked':
      return { message, remedy: 'unlock_connection' };
    case 'keychain_locked':
    case 'keychain_timed_out':
    case 'keychain_unavailable':
      return { message, remedy: 'unlock_keychain' };
    case 'disk_full':
    case 'folder_not_writable':
      return { message, remedy: 'free_disk' };
    default:
      return {
        message: `${name} cannot be used for a reason nobody foresaw. Nothing more is sent; what was sent is read back when the batch goes on.`,
        remedy: 'look_at_outcomes',
      };
  }
}
