/** Texts about sessions, status checks, watching and exports of sessions. */
import { joinText } from './join-text.ts';

export const session = {
  alreadyTracked: 'This session is tracked already.',
  notTracked: 'This session is not tracked in this workspace.',
  productMismatch: '{connection} does not have this product. Choose one of its products.',
  listPositionInvalid: 'This position in the list is not valid. Reload the list.',
  superseded: 'A newer request replaced this one.',

  notKnownToProvider: joinText(
    '{connection} does not know this session ID. It may belong to another account, product or ',
    'environment. Check the ID and the connection.',
  ),
  /** `warning` states which format the provider’s session IDs have. */
  notKnownToProviderIdUnusual: '{connection} does not know this session ID. {warning}',
  throttled: joinText(
    '{host} asks Session Desk to wait. Try again in {count} second. | {host} asks Session Desk to wait. ',
    'Try again in {count} seconds.',
  ),

  refreshLimitReached:
    'At most {max} status checks of several sessions can run at once. Wait until one has finished, or stop one.',
  refreshEmpty: 'No session matches. No status was checked.',
  refreshNotFound: 'This status check no longer exists.',
  /** Beside the name of the connection, while a status check of several sessions runs. */
  refreshWaiting: joinText(
    'The provider asks Session Desk to wait. The status check continues in {count} second. | The ',
    'provider asks Session Desk to wait. The status check continues in {count} seconds.',
  ),

  watchLimitReached: joinText(
    'At most {max} sessions can be watched, and {count} session is watched already. Stop watching some, ',
    'or check their status yourself. | At most {max} sessions can be watched, and {count} sessions are ',
    'watched already. Stop watching some, or check their status yourself.',
  ),

  exportLimitReached: 'At most {max} exports can run at once. Wait until one has finished, or stop one.',
  exportEmpty: 'No session matches. Nothing was exported.',
  exportNotFound: 'This export no longer exists.',
  exportDiskFull: 'The disk that holds {folder} is full. Free some space. Then export again.',
  exportWriteFailed:
    'The file could not be written to {folder}. Check that your user account may write there. Then export again.',
  /** `code` is the error code of the operating system, such as EACCES. */
  exportWriteFailedWithCode: joinText(
    'The file could not be written to {folder} ({code}). Check that your user account may write there. ',
    'Then export again.',
  ),
} as const;
