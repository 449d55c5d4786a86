/** Texts about calls, the workspace and the keychain. */
export const app = {
  /** A text that an earlier version stored without a key. */
  verbatim: '{text}',
  callUnknown: 'Session Desk does not support this request. Close Session Desk and start it again.',
  /** Said by the renderer alone, when no answer to a call arrives. */
  hostUnreachable: 'Session Desk did not respond. If it was closed, start it again. Then try again.',
  inputInvalid: 'The input is not valid.',
  inputTooLarge: 'The input is too long or has an unsupported format. Enter less text.',
  /** `id` finds the entry in the log. */
  unexpected:
    'An unexpected problem occurred while Session Desk processed the request. The result is not known. See incident {id} in the log.',
} as const;
