import { assertNever, type ConnectionVerdict } from '../../contract/index.ts';
import { explain, type CheckAnswer } from '../providers/index.ts';
import type { ConnectionRow } from '../store/index.ts';

/** What a test of a connection found, in a sentence that says what to do. */
export function verdictOf(answer: CheckAnswer, { name, baseUrl }: Pick<ConnectionRow, 'name' | 'baseUrl'>): ConnectionVerdict {
  const { durationMs } = answer.evidence;
  const host = new URL(baseUrl).host;
  switch (answer.kind) {
    case 'accepted':
      return { verdict: 'accepted', cause: null, message: `${host} accepts the credential of ${name}.`, durationMs };
    case 'refused':
      return { verdict: 'refused', cause: answer.cause, message: explain(answer.cause, host, answer.evidence), durationMs };
    case 'throttled':
      return { verdict: 'throttled', cause: 'throttled', message: `${host} asks to wait ${Math.ceil(answer.waitMs / 1_000)} s before the next request.`, durationMs };
    case 'not_sent':
      return { verdict: 'unreachable', cause: answer.cause, message: explain(answer.cause, host, answer.evidence), durationMs };
    case 'unreadable':
      return { verdict: 'unreadable', cause: answer.cause, message: explain(answer.cause, host, answer.evidence), durationMs };
    default:
      return assertNever(answer);
  }
}
