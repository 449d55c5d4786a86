import { assertNever, DeskError, type Connection } from '../../contract/index.ts';
import { explain, type ReadAnswer } from '../providers/index.ts';

/** Why a look-up gave no session, as the error of the call that asked. `idWarning` is added where the id itself looks wrong. */
export function refusalOf(
  answer: Exclude<ReadAnswer, { kind: 'found' }>,
  connection: Connection,
  idWarning: string | null,
): DeskError {
  const host = new URL(connection.baseUrl).host;
  const details = { connectionId: connection.id };
  switch (answer.kind) {
    case 'not_found':
      return new DeskError(
        'session_unknown_to_provider',
        `${connection.name} does not know this session id. ${idWarning ?? 'It may belong to another account, product or environment: check the id and the connection.'}`,
        { details: { ...details, field: 'id' } },
      );
    case 'refused':
      return new DeskError('provider_refused', explain(answer.cause, host, answer.evidence), { details });
    case 'throttled':
      return new DeskError(
        'provider_throttled',
        `${host} asks to wait ${Math.ceil(answer.waitMs / 1_000)} s before the next request.`,
        { retryable: true, details },
      );
    case 'not_sent':
      return new DeskError('provider_unreachable', explain(answer.cause, host, answer.evidence), {
        retryable: true,
        details,
      });
    case 'unreadable':
      return new DeskError('provider_unreadable', explain(answer.cause, host, answer.evidence), {
        retryable: true,
        details,
      });
    default:
      return assertNever(answer);
  }
}
