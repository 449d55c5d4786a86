import {
  createMessage,
  isAppError,
  pickMessage,
  type BatchIssue,
  type Cause,
  type Connection,
} from '../../contract/index.ts';
import { CircuitBreaker } from '../rate-limit/index.ts';
import type { CancellationRow } from '../store/index.ts';

type FailureKind = 'refused' | 'not_sent' | 'unclear';
export type BatchCircuitBreaker = CircuitBreaker<FailureKind, BatchIssue>;

/**
 * Pauses a connection for all batches after this many failures in a row, until the operator resumes it. A refusal
 * usually concerns the credential, so two are enough. Cancellations of single sessions are not paused.
 */
export function createBatchCircuitBreaker(): BatchCircuitBreaker {
  return new CircuitBreaker({ refused: 2, not_sent: 3, unclear: 5 });
}

/** Counts an outcome. Returns the issue if this outcome pauses the connection, otherwise null. */
export function recordOutcome(
  circuitBreaker: BatchCircuitBreaker,
  connection: Connection,
  row: Pick<CancellationRow, 'state' | 'cause'>,
): BatchIssue | null {
  const failure = classifyFailure(row);
  if (failure === null) {
    circuitBreaker.recordSuccess(connection.id);
    return null;
  }
  const issue = createConnectionIssue(failure, row.cause, connection);
  return circuitBreaker.recordFailure(connection.id, failure, issue) ? issue : null;
}

/** The kind of failure if the outcome concerns the connection and not the session, otherwise null. */
function classifyFailure({ state, cause }: Pick<CancellationRow, 'state' | 'cause'>): FailureKind | null {
  if (state === 'refused') return 'refused';
  if (state === 'not_sent') return cause === 'stopped_before_sending' ? null : 'not_sent';
  if (state === 'unknown') return 'unclear';
  return null;
}

function createConnectionIssue(failure: FailureKind, cause: Cause | null, { name }: Connection): BatchIssue {
  if (cause === 'throttled') return { ...createMessage('batch.connectionThrottled', { name }), action: 'ask_provider' };
  switch (failure) {
    case 'refused':
      if (cause === 'endpoint_off')
        return { ...createMessage('batch.connectionCancelDisabled', { name }), action: 'ask_provider' };
      if (cause === 'address_not_allowed')
        return { ...createMessage('batch.connectionAddressNotAllowed', { name }), action: 'ask_provider' };
      return { ...createMessage('batch.connectionRefused', { name }), action: 'replace_secret' };
    case 'not_sent':
      return { ...createMessage('batch.connectionUnreachable', { name }), action: 'check_network' };
    case 'unclear':
      return { ...createMessage('batch.connectionUnclear', { name }), action: 'look_at_outcomes' };
  }
}

/** The issue as a detail of an audit record. */
export function toIssueDetail(issue: BatchIssue) {
  return { kind: 'issue' as const, ...pickMessage(issue) };
}

/**
 * The issue for an error that occurred while the secret was fetched or a record was stored. `connection` is null if the
 * error concerns the whole batch. The text of an error that is no AppError may be confidential and is not
 * used.
 */
export function createIssueFromError(error: unknown, connection: Pick<Connection, 'name'> | null): BatchIssue {
  if (isAppError(error)) {
    const text = pickMessage(error);
    switch (error.code) {
      case 'credential_missing':
      case 'credential_destination_changed':
        return { ...text, action: 'replace_secret' };
      case 'connection_locked':
        return { ...text, action: 'unlock_connection' };
      case 'keychain_locked':
      case 'keychain_timed_out':
      case 'keychain_unavailable':
        return { ...text, action: 'unlock_keychain' };
      case 'disk_full':
      case 'folder_not_writable':
        return { ...text, action: 'free_disk' };
      case 'restore_not_reviewed':
        return { ...text, action: 'look_at_outcomes' };
      default:
        break;
    }
  }
  const text = connection
    ? createMessage('batch.connectionUnexpected', { name: connection.name })
    : createMessage('batch.batchUnexpected');
  return { ...text, action: 'look_at_outcomes' };
}
