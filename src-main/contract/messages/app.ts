/** Texts about calls, the workspace and the hosts. */
import { joinText } from './join-text.ts';

export const app = {
  /** A text that an earlier version stored without a key. */
  verbatim: '{text}',
  callUnknown: 'Session Desk does not support this request. Close Session Desk and start it again.',
  closing: 'Session Desk is closing. Start it again to continue.',
  confirmationDeclined: 'Nothing was changed, because it was not confirmed in the dialog of Session Desk.',
  /** Created by the renderer if a call gets no response. */
  hostUnreachable: 'Session Desk did not respond. If it was closed, start it again. Then try again.',
  inputInvalid: 'The input is not valid.',
  inputNotJson: 'The input must be JSON.',
  inputTooLarge: 'The input is too long or has an unsupported format. Enter less text.',
  inputTooLong: 'The input is too long. Enter less text.',
  pageSignedOut: 'This page was signed out because Session Desk was opened elsewhere.',
  senderUntrusted: 'The request did not come from the Session Desk window, so it was not processed.',
  tooManyCalls: 'Too many requests at once. Wait a moment, then try again.',
  /** `id` identifies the entry in the log. */
  unexpected: joinText(
    'An unexpected problem occurred while Session Desk processed the request. The result is not known. ',
    'See incident {id} in the log.',
  ),
  workspaceClosed: 'The workspace was closed while Session Desk processed the request. Try again.',
  /** `folder`: the path of the data folder. */
  workspaceOpenFailed: joinText(
    'The workspace in {folder} could not be opened because of an unexpected problem. Nothing in it was ',
    'changed. See the file desk.log in that folder. Try again, or restore a backup.',
  ),
  workspaceSwitching: 'The workspace is opening or closing. Try again in a moment.',
} as const;

/** Texts about fields of a form. They appear below the field. */
export const validation = {
  amountInvalid: 'Enter a number such as 12.50, without a currency symbol.',
  baseUrlMissing: 'Enter the base URL.',
  clientIdMissing: 'Enter the client ID that Flinks assigned to you.',
  connectionNameMissing: 'Enter a name for the connection.',
  currencyMissing: 'Select a currency.',
  eventBodyMissing: 'Paste the body of the event.',
  eventSignatureMissing: 'Paste the signature header of the event.',
  feedFolderMissing: 'Enter the folder to watch.',
  feedNameMissing: 'Enter a name for the feed.',
  feedUrlMissing: 'Enter the URL of the feed.',
  /** The renderer sends the file in chunks; the operator sees this text only if Session Desk has a defect. */
  importChunkTooLarge: 'The file was sent in chunks that are too large. Close Session Desk and start it again.',
  minutesTooHigh: 'Enter at most 43,200 minutes (30 days).',
  minutesTooLow: 'Enter at least 1 minute.',
  noteTooLong: 'Shorten the note. The maximum is 500 characters.',
  operatorNameInvalid: 'Enter a name without parentheses and control characters.',
  operatorNameTooLong: 'Shorten the name. The maximum is 60 characters.',
  reasonMissing: 'Select a reason.',
  savedReasonEmpty: 'Enter a reason.',
  savedReasonTooLong: 'Shorten the reason. The maximum is 80 characters.',
  savedReasonsEmpty: 'Keep at least one reason.',
  secretMissing: 'Enter the secret.',
  selectionEmpty: 'Select at least one session.',
  sessionIdCharacters: 'Enter a session ID of letters, digits, hyphens and underscores, at most 200 characters.',
  sessionIdMissing: 'Enter a session ID.',
  textHasControlCharacters: 'Remove line breaks and invisible characters.',
  tooManySavedReasons: 'Remove a reason. The maximum is 40 reasons.',
  viewNameMissing: 'Enter a name for the view.',
  wholeMinutesRequired: 'Enter whole minutes.',
} as const;
