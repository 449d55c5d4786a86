import { assertNever, AppError, createMessage, type Connection, type Message } from '../../contract/index.ts';
import { formatErrorMessage, type ReadResult } from '../providers/index.ts';

/**
 * Converts a read that returned no session into the error of the call. `idWarning` replaces the general advice if the
 * session ID does not have the provider's format.
 */
export function toReadError(
  result: Exclude<ReadResult, { kind: 'found' }>,
  connection: Connection,
  idWarning: Message | null,
): AppError {
  const host = new URL(connection.baseUrl).host;
  const details = { connectionId: connection.id };
  switch (result.kind) {
    case 'not_found':
      return new AppError(
        'provider_session_not_found',
        idWarning === null
          ? createMessage('session.notKnownToProvider', { connection: connection.name })
          : createMessage('session.notKnownToProviderIdUnusual', { connection: connection.name, warning: idWarning }),
        { details: { ...details, field: 'id' } },
      );
    case 'refused':
      return new AppError('provider_refused', formatErrorMessage(result.cause, host, result.evidence), { details });
    case 'throttled':
      return new AppError(
        'provider_throttled',
        createMessage('session.throttled', { host, count: Math.ceil(result.retryAfterMs / 1_000) }),
        { retryable: true, details },
      );
    case 'not_sent':
      return new AppError('provider_unreachable', formatErrorMessage(result.cause, host, result.evidence), {
        retryable: true,
        details,
      });
    case 'unreadable':
      return new AppError('provider_response_invalid', formatErrorMessage(result.cause, host, result.evidence), {
        retryable: true,
        details,
      });
    default:
      return assertNever(result);
  }
}
