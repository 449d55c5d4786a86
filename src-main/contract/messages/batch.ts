/** Texts about plans, batches, connections of a batch, and cancellations. */
import { joinText } from './join-text.ts';

export const batch = {
  /** Said when the app ends while a call is waiting. */
  appClosing: 'Session Desk is closing. Nothing was sent.',

  // States of a plan or a batch, for `{state}` below.
  statePlanning: 'being planned',
  statePlanned: 'planned and not confirmed',
  stateExpired: 'expired',
  stateDiscarded: 'discarded',
  stateArmed: 'about to start',
  stateCalledOff: 'aborted',
  stateRunning: 'running',
  statePaused: 'paused',
  stateStopping: 'stopping',
  stateInterrupted: 'interrupted',
  stateStopped: 'stopped',
  stateFinished: 'finished',

  // A batch that does not exist, or does not allow an action now.
  notFound: 'This batch was not found in this workspace. Choose another one from the list of batches.',
  discardRefused: 'Batch {number} is {state}. Only a plan that is not confirmed can be discarded. Nothing was changed.',
  abortRefused: 'Batch {number} is {state}. A batch can be aborted only before it starts. Nothing was changed.',
  pauseRefused: 'Batch {number} is {state}. Only a running batch can be paused. Nothing was changed.',
  resumeRefused: 'Batch {number} is {state}. Only a paused or interrupted batch can be resumed. Nothing was changed.',
  stopRefused: joinText(
    'Batch {number} is {state}. Only a batch that is about to start, running, paused or interrupted can ',
    'be stopped. Nothing was changed.',
  ),
  transitionRefused: 'Batch {number} is {state}. The action is not possible in this state. Nothing was changed.',
  retryRefused:
    'Batch {number} is {state}. Its sessions can be planned again after the batch has ended or was interrupted.',
  refreshRefused: 'Batch {number} is {state}. Only a plan that is not confirmed can have its statuses checked.',

  // Plans.
  selectionEmpty: 'The selection contains no session that is tracked in this workspace. No plan was created.',
  noFailedSession: 'No session of batch {number} failed. No plan was created.',
  noUnknownOutcome: 'No outcome of batch {number} is unknown. No plan was created.',
  tooManyPlans: 'The limit of {limit} open plans is reached. Confirm or discard a plan, then create the plan again.',
  refreshRunning: 'A status check of this plan is already running. Wait until it ends, or stop it.',

  // Confirmation of a plan.
  planNotOwner: joinText(
    'This plan was created by {operator} on {host}. A plan can be confirmed only by the operator who ',
    'created it, on the same computer. Create your own plan. Nothing was sent.',
  ),
  planAlreadyConfirmed: joinText(
    'Batch {number} is {state}. A plan can be confirmed once, when it is complete and still valid. ',
    'Nothing was changed.',
  ),
  planExpired: joinText(
    'This plan is older than {minutes} minutes, and its sessions may have changed since then. Create a ',
    'new plan. Nothing was sent.',
  ),
  planBeingRefreshed: joinText(
    'A status check of this plan is running. Wait until it ends, or stop it. Then review the plan again. ',
    'Nothing was sent.',
  ),
  planRefreshIncomplete: 'The last status check of this plan did not finish. Create a new plan. Nothing was sent.',
  planDiffersFromShown: 'The plan has changed since it was shown to you. Review the plan again. Nothing was sent.',
  /** Somebody changed the database file; the sessions are not those that were planned. */
  planAltered: joinText(
    'The stored sessions of this plan were altered after the plan was created. Create a new plan, and ',
    'verify the audit log. Nothing was sent.',
  ),
  planEmpty: 'No session of this plan can be cancelled. Nothing was sent.',
  countMissing: joinText(
    'No number was entered. This plan cancels {count} session. Enter {count} to confirm. Nothing was ',
    'sent. | No number was entered. This plan cancels {count} sessions. Enter {count} to confirm. ',
    'Nothing was sent.',
  ),
  countMismatch: joinText(
    'The number {typedCount} was entered, but this plan cancels {count} session. Enter {count} to ',
    'confirm. Nothing was sent. | The number {typedCount} was entered, but this plan cancels {count} ',
    'sessions. Enter {count} to confirm. Nothing was sent.',
  ),

  // Batches that run.
  /**
   * Somebody changed the database file while the batch was interrupted; some cancellations may have been sent before.
   */
  confirmationUnproven: joinText(
    'Batch {number} was confirmed with an audit key that this keychain no longer holds, so the confirmation cannot ',
    'be proven. Nothing was sent. Create a new plan for the sessions that are still active.',
  ),
  batchAltered: joinText(
    'The stored sessions of batch {number} were altered after the batch was confirmed. No more ',
    'cancellations are sent for this batch. Stop the batch, and verify the audit log.',
  ),
  exportEmpty: 'No session of this batch matches the filter. No file was written.',

  // Why a connection was paused automatically. `{name}` is the connection.
  connectionThrottled:
    '{name} keeps responding that there are too many requests. Lower its rate limit, then resume the connection.',
  connectionCancelDisabled: joinText(
    '{name} responds as if this account could not cancel sessions of this product. Ask the provider, ',
    'then resume the connection.',
  ),
  connectionAddressNotAllowed: joinText(
    '{name} does not accept requests from the IP address of this computer. Ask the provider to allow the ',
    'address, then resume the connection.',
  ),
  connectionRefused: joinText(
    '{name} keeps refusing cancellations. Its secret may be wrong, expired or without permission to ',
    'cancel. Replace the secret, then resume the connection.',
  ),
  connectionUnreachable: joinText(
    '{name} cannot be reached, so the last cancellations were not sent. Check the network connection, ',
    'then resume the connection.',
  ),
  connectionUnclear: joinText(
    'The responses of {name} do not show whether sessions were cancelled. Review the unknown outcomes, ',
    'then resume the connection.',
  ),
  connectionUnexpected: joinText(
    '{name} cannot be used because of an unexpected problem. Nothing more is sent. When the batch ',
    'resumes, the status of cancellations in progress is checked first.',
  ),
  /** The same for a problem that concerns no single connection. */
  batchUnexpected: joinText(
    'This batch cannot continue because of an unexpected problem. Nothing more is sent. When the batch ',
    'resumes, the status of cancellations in progress is checked first.',
  ),

  // One cancellation.
  cancellationNotFound: 'This cancellation was not found in this workspace. Open the session again.',
  cancellationRunning: 'This session is already being cancelled. Wait for the outcome.',
  sessionFinal: 'This session is already {status}. There is nothing left to cancel.',
  sessionNotTracked: 'This session is not tracked in this workspace. Nothing was sent.',
  // Final statuses of a session, for `{status}`.
  statusCompleted: 'completed',
  statusFailed: 'failed',
  statusCancelled: 'cancelled',
  statusExpired: 'expired',
} as const;
