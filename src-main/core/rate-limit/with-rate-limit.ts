import { assertNever } from '../../contract/index.ts';
import type { Account, Evidence, Provider, Providers } from '../providers/index.ts';
import type { Pace } from './rate-limiter.ts';

/** `operator`: somebody waits for this one, it goes first. `background`: it waits for its turn. `taken`: whoever asks has taken his turn. */
export type Priority = 'operator' | 'background' | 'taken';

/**
 * The same providers, every question of theirs at the connection's pace. What they say of their limits (429, Xendit's
 * `Rate-Limit-*`) holds the others back. A question whose caller stops before its turn is answered as not sent.
 */
export function pacedProviders(providers: Providers, pace: Pace, priority: Priority): Providers {
  return { flinks: paced(providers.flinks, pace, priority), xendit: paced(providers.xendit, pace, priority) };
}

function paced(provider: Provider, pace: Pace, priority: Priority): Provider {
  const inTurn = <Answer>(connectionId: string, signal: AbortSignal, begin: () => Promise<Answer>): Promise<Answer> => {
    switch (priority) {
      case 'operator':
        return pace.first(connectionId, begin);
      case 'background':
        return pace.turn(connectionId, signal, begin);
      case 'taken':
        return begin();
      default:
        return assertNever(priority);
    }
  };
  const ask = async <Answer extends { readonly kind: string; readonly evidence: Evidence }>(
    { connectionId }: Account,
    signal: AbortSignal,
    question: () => Promise<Answer>,
  ): Promise<
    Answer | { readonly kind: 'not_sent'; readonly cause: 'stopped_before_sending'; readonly evidence: Evidence }
  > => {
    try {
      let begunAt = 0;
      const begin = () => {
        begunAt = performance.now();
        return question();
      };
      const answer = await inTurn(connectionId, signal, begin);
      pace.learn(connectionId, answer, begunAt);
      return answer;
    } catch (error) {
      if (!signal.aborted) throw error;
      return { kind: 'not_sent', cause: 'stopped_before_sending', evidence: nothingSent };
    }
  };
  const { readDetails } = provider;
  return {
    ...provider,
    cancel: (account, target, signal) => ask(account, signal, () => provider.cancel(account, target, signal)),
    read: (account, target, signal) => ask(account, signal, () => provider.read(account, target, signal)),
    ...(readDetails && {
      readDetails: (account, target, signal) => ask(account, signal, () => readDetails(account, target, signal)),
    }),
    check: (account, signal) => ask(account, signal, () => provider.check(account, signal)),
  };
}

const nothingSent: Evidence = {
  httpStatus: null,
  providerCode: null,
  providerMessage: null,
  requestId: null,
  durationMs: 0,
};
