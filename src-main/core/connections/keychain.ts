import PQueue, { TimeoutError } from 'p-queue';
import { AppError, createMessage } from '../../contract/index.ts';

/**
 * The keychain functions that SecretStore uses. They throw an AppError with the code keychain_unavailable,
 * keychain_locked or keychain_timed_out.
 */
export interface Keychain {
  /** null if nothing is stored, and also if a locked keyring does not return the secret. */
  get(account: string): Promise<string | null>;
  set(account: string, secret: string): Promise<void>;
  remove(account: string): Promise<void>;
}

type Keytar = Pick<typeof import('keytar'), 'getPassword' | 'setPassword' | 'deletePassword'>;

const serviceName = 'Session Desk';
/** Long, because a system prompt may wait for the operator. A call that exceeds it still blocks one thread. */
const promptTimeoutMs = 60_000;

/**
 * The keychain of the operating system through keytar. Calls run one at a time, each with a timeout. While a call is
 * blocked by an open prompt, further calls fail at once, because each would block one more of the few system threads.
 * `findCredentials` must not be used: it matches by prefix on Windows and ends the process on a locked Linux keyring.
 */
export function createOsKeychain(timeoutMs = promptTimeoutMs): Keychain {
  const queue = new PQueue({ concurrency: 1, timeout: timeoutMs });
  let blockedCalls = 0;

  const call = async <Value>(action: (keytar: Keytar) => Promise<Value>): Promise<Value> => {
    if (blockedCalls > 0) throw timedOutError();
    let pending: Promise<unknown> = Promise.resolve();
    try {
      return await queue.add(async () => {
        const keytar = await loadKeytar();
        const promise = action(keytar);
        pending = promise;
        return await promise;
      });
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw toKeychainError(error);
      blockedCalls += 1;
      void pending.catch(() => undefined).finally(() => (blockedCalls -= 1));
      throw timedOutError();
    }
  };

  return {
    get: (account) => call((keytar) => keytar.getPassword(serviceName, account)),
    set: (account, secret) => call((keytar) => keytar.setPassword(serviceName, account, secret)),
    remove: async (account) => {
      await call((keytar) => keytar.deletePassword(serviceName, account));
    },
  };
}

/** Loaded on first use, because the import of keytar throws if the secret library of the system is missing. */
async function loadKeytar(): Promise<Keytar> {
  const loaded = await import('keytar');
  return loaded.default;
}

function timedOutError(): AppError {
  return new AppError('keychain_timed_out', createMessage('connection.keychainTimedOut'), { retryable: true });
}

/** keytar errors have no codes, so the text distinguishes a locked keyring from a missing one. */
function toKeychainError(error: unknown): AppError {
  const text = error instanceof Error ? error.message : String(error);
  if (/locked|prompt|dismissed|denied|cancell?ed/i.test(text)) {
    return new AppError('keychain_locked', createMessage('connection.keychainLocked'), { retryable: true });
  }
  return new AppError('keychain_unavailable', createMessage('connection.keychainUnavailable'), { retryable: true });
}
