import { assertNever, AppError, type Connection } from '../../contract/index.ts';
import { formatErrorMessage, type ReadResult } from '../providers/index.ts';

/** Why a look-up gave no session, as the error of the call that asked. `idWarning` is added where the id itself looks wrong. */
export function toReadError(
  answer: Exclude<ReadResult, { kind: 'found' }>,
  connection: Connection,
  idWarning: string | null,
): AppError {
  const host = new URL(connection.baseUrl).host;
  const details = { connectionId: connection.id };
  switch (answer.kind) {
    case 'not_found':
      return new AppError(
        'provider_session_not_found',
        `${connection.name} does not know this session id. ${idWarning ?? 'It may belong to another account, product or environment: check the id and the connection.'}`,
        { details: { ...details, field: 'id' } },
      );
    case 'refused':
      return new AppError('provider_refused', formatErrorMessage(answer.cause, host, answer.evidence), { details });
    case 'throttled':
      return new AppError(
        'provider_throttled',
        `${host} asks to wait ${Math.ceil(answer.retryAfterMs / 1_000)} s before the next request.`,
        { retryable: true, details },
      );
    case 'not_sent':
      return new AppError('provider_unreachable', formatErrorMessage(answer.cause, host, answer.evidence), {
        retryable: true,
        details,
      });
    case 'unreadable':
      return new AppError('provider_response_invalid', formatErrorMessage(answer.cause, host, answer.evidence), {
        retryable: true,
        details,
      });
    default:
      return assertNever(answer);
  }
}
