import type { Account, Evidence, Provider, Providers } from '../providers/index.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** `operator`: starts immediately, because an operator waits for it. `background`: waits in the queue. */
export type Priority = 'operator' | 'background';

/** The result of a request that was not started: it was certainly not sent. */
export const notSentResult = {
  kind: 'not_sent',
  cause: 'stopped_before_sending',
  evidence: { httpStatus: null, providerCode: null, providerMessage: null, requestId: null, durationMs: 0 },
} as const;

/**
 * Wraps the providers so that every request follows the rate limit of its connection. Rate limits in responses (429,
 * Xendit's `Rate-Limit-*`) delay the later requests. A request whose signal aborts before it starts has the result
 * `not_sent`. Cancellations take
 * their permits themselves, because they store their intent while they hold one.
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
  const run = async <Result extends { readonly kind: string; readonly evidence: Evidence }>(
    { connectionId }: Account,
    signal: AbortSignal,
    request: () => Promise<Result>,
  ): Promise<Result | typeof notSentResult> => {
    const permit =
      priority === 'operator' ? rateLimiter.acquireNow(connectionId) : await rateLimiter.acquire(connectionId, signal);
    return (await permit?.send(request)) ?? notSentResult;
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
