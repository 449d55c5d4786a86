import PQueue, { TimeoutError } from 'p-queue';
import { AppError } from '../../contract/index.ts';

/** What the vault needs of an OS keychain. Errors are DeskErrors: keychain_unavailable, keychain_locked, keychain_timed_out. */
export interface Keychain {
  /** null where nothing is stored, and also where a locked keyring would not say. */
  get(account: string): Promise<string | null>;
  set(account: string, secret: string): Promise<void>;
  remove(account: string): Promise<void>;
}

type Keytar = Pick<typeof import('keytar'), 'getPassword' | 'setPassword' | 'deletePassword'>;

const serviceName = 'Session Desk';
/** A prompt of the system may be waiting for the operator, so this is long; a call beyond it holds a thread for good. */
const promptTimeoutMs = 60_000;

/**
 * The keychain of the operating system through keytar. One call at a time, each with a limit. While a call is stuck
 * behind a prompt nobody answers, further calls are refused: each would hold one more of the few system threads.
 * Never `findCredentials`: it matches by prefix on Windows and ends the process on a locked Linux keyring.
 */
export function createOsKeychain(limitMs = promptTimeoutMs): Keychain {
  const queue = new PQueue({ concurrency: 1, timeout: limitMs });
  let stuck = 0;

  const call = async <Value>(action: (keytar: Keytar) => Promise<Value>): Promise<Value> => {
    if (stuck > 0) throw timedOutError();
    let answer: Promise<unknown> = Promise.resolve();
    try {
      return await queue.add(async () => {
        const keytar = await loadKeytar();
        const asked = action(keytar);
        answer = asked;
        return await asked;
      });
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw toKeychainError(error);
      stuck += 1;
      void answer.catch(() => undefined).finally(() => (stuck -= 1));
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

/** Lazily: keytar throws while it is imported where the system's secret library is missing. */
async function loadKeytar(): Promise<Keytar> {
  const loaded = await import('keytar');
  return loaded.default;
}

function timedOutError(): AppError {
  return new AppError(
    'keychain_timed_out',
    'The system keychain did not answer. Look for a window of the system that asks for its password, answer it, then try again.',
    { retryable: true },
  );
}

/** keytar gives no codes, so its text tells a locked keyring from one that is not there. */
function toKeychainError(error: unknown): AppError {
  const text = error instanceof Error ? error.message : String(error);
  if (/locked|prompt|dismissed|denied|cancell?ed/i.test(text)) {
    return new AppError('keychain_locked', 'The system keychain is locked. Unlock it, then try again.', {
      retryable: true,
    });
  }
  return new AppError(
    'keychain_unavailable',
    'This computer has no system keychain that Session Desk can reach, so a secret cannot be kept beyond this run.',
    { retryable: true },
  );
}
