import type { ConnectionVerdict } from '../../contract/index.ts';
import { addressIn, wordsIn, type CheckAnswer } from '../providers/index.ts';

const verdicts = {
  accepted: 'accepted',
  refused: 'refused',
  throttled: 'throttled',
  not_sent: 'unreachable',
  unreadable: 'unreadable',
} as const satisfies Record<CheckAnswer['kind'], ConnectionVerdict['verdict']>;

/** What a test of a connection found, as facts: the sentences are the screen's. */
export function verdictOf(answer: CheckAnswer): ConnectionVerdict {
  const { evidence } = answer;
  const isAccepted = answer.kind === 'accepted';
  const http = evidence.httpStatus === null ? null : `HTTP ${evidence.httpStatus}`;
  const cause = isAccepted ? null : answer.cause;
  return {
    verdict: verdicts[answer.kind],
    cause,
    durationMs: evidence.durationMs,
    // The console waits some seconds by itself where the provider does not say how long; that is no word of the provider's.
    waitMs: answer.kind === 'throttled' && answer.isWaitTold !== false ? answer.waitMs : null,
    code: isAccepted ? null : (evidence.networkCode ?? http),
    address: cause === 'address_not_allowed' ? addressIn(evidence) : null,
    providerWords: isAccepted ? null : wordsIn(evidence) || null,
  };
}
