import { assertNever } from '../../contract/index.ts';
import type { Account, Evidence, Provider, Providers } from '../providers/index.ts';
import type { RateLimiter } from './rate-limiter.ts';

/**
 * `operator`: starts immediately, because an operator waits for it. `background`: waits in the queue.
 * `scheduled_by_caller`: starts immediately, because the caller uses the rate limiter itself.
 */
export type Priority = 'operator' | 'background' | 'scheduled_by_caller';

/**
 * Wraps the providers so that every request follows the rate limit of its connection. Rate limits in responses (429,
 * Xendit's `Rate-Limit-*`) delay the later requests. A request whose signal aborts before it starts has the result
 * `not_sent`.
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
  const schedule = <Result>(
    connectionId: string,
    signal: AbortSignal,
    send: () => Promise<Result>,
  ): Promise<Result> => {
    switch (priority) {
      case 'operator':
        return rateLimiter.runNow(connectionId, send);
      case 'background':
        return rateLimiter.schedule(connectionId, signal, send);
      case 'scheduled_by_caller':
        return send();
      default:
        return assertNever(priority);
    }
  };
  const run = async <Result extends { readonly kind: string; readonly evidence: Evidence }>(
    { connectionId }: Account,
    signal: AbortSignal,
    action: () => Promise<Result>,
  ): Promise<
    Result | { readonly kind: 'not_sent'; readonly cause: 'stopped_before_sending'; readonly evidence: Evidence }
  > => {
    try {
      let sentAt = 0;
      const send = () => {
        sentAt = performance.now();
        return action();
      };
      const result = await schedule(connectionId, signal, send);
      rateLimiter.observe(connectionId, result, sentAt);
      return result;
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
