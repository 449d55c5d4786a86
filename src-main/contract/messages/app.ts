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
