import { assertNever } from '../../contract/index.ts';
import type { Account, Evidence, Provider, Providers } from '../providers/index.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** `operator`: somebody waits for this one, it goes first. `background`: it waits for its turn. `scheduled_by_caller`: whoever asks has taken his turn. */
export type Priority = 'operator' | 'background' | 'scheduled_by_caller';

/**
 * The same providers, every question of theirs at the connection's pace. What they say of their limits (429, Xendit's
 * `Rate-Limit-*`) holds the others back. A question whose caller stops before its turn is answered as not sent.
 */
export function createRateLimitedProviders(
  providers: Providers,
  rateLimiter: RateLimiter,
  priority: Priority,
): Providers {
  return {
    flinks: withRateLimit(providers.flinks, rateLimiter, priority),
    xendit: withRateLimit(providers.xendit, rateLimiter, priority),
  };
}

function withRateLimit(provider: Provider, rateLimiter: RateLimiter, priority: Priority): Provider {
  const schedule = <Answer>(
    connectionId: string,
    signal: AbortSignal,
    begin: () => Promise<Answer>,
  ): Promise<Answer> => {
    switch (priority) {
      case 'operator':
        return rateLimiter.runNow(connectionId, begin);
      case 'background':
        return rateLimiter.schedule(connectionId, signal, begin);
      case 'scheduled_by_caller':
        return begin();
      default:
        return assertNever(priority);
    }
  };
  const run = async <Answer extends { readonly kind: string; readonly evidence: Evidence }>(
    { connectionId }: Account,
    signal: AbortSignal,
    action: () => Promise<Answer>,
  ): Promise<
    Answer | { readonly kind: 'not_sent'; readonly cause: 'stopped_before_sending'; readonly evidence: Evidence }
  > => {
    try {
      let begunAt = 0;
      const begin = () => {
        begunAt = performance.now();
        return action();
      };
      const answer = await schedule(connectionId, signal, begin);
      rateLimiter.observe(connectionId, answer, begunAt);
      return answer;
    } catch (error) {
      if (!signal.aborted) throw error;
      return { kind: 'not_sent', cause: 'stopped_before_sending', evidence: emptyEvidence };
    }
  };
  const { readDetails } = provider;
  return {
    ...provider,
    cancel: (account, target, signal) => run(account, signal, () => provider.cancel(account, target, signal)),
    read: (account, target, signal) => run(account, signal, () => provider.read(account, target, signal)),
    ...(readDetails && {
      readDetails: (account, target, signal) => run(account, signal, () => readDetails(account, target, signal)),
    }),
    testCredential: (account, signal) => run(account, signal, () => provider.testCredential(account, signal)),
  };
}

const emptyEvidence: Evidence = {
  httpStatus: null,
  providerCode: null,
  providerMessage: null,
  requestId: null,
  durationMs: 0,
};
