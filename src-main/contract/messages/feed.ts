/** Texts about feeds. */
import { joinText } from './join-text.ts';

export const feed = {
  notFound: 'This feed no longer exists.',
  notInPractice: 'Practice has its own simulated sessions and no feeds. Leave practice to add a feed.',
  connectionInUse: 'The feed {feed} adds sessions to this connection. Remove the feed first.',
  appClosing: 'Session Desk is closing.',

  urlInvalid: 'This is not a URL. Enter an address that starts with https://.',
  urlNotHttps: 'A feed must use https. http is allowed only for this computer (127.0.0.1).',
  urlHasCredentials: 'The URL contains a user name or a password. Enter the secret in its own field.',
  urlHasReservedParameter: 'Session Desk adds the parameters “since” and “cursor”. Remove them from the URL.',
  pathNotAbsolute: 'Enter the full path of the folder.',
  folderNotFound: 'This folder does not exist or cannot be read.',
  folderHasNoSecret: 'A folder has no secret. Leave the secret empty.',

  secretMissing: 'The secret of this feed is no longer stored. Enter it again.',
  secretForOtherDestination: joinText(
    'The secret of this feed was stored for {storedFor}, but the feed now requests {destination}. It was not ',
    'sent. If {destination} is correct, enter the secret again.',
  ),
  secretDestinationUnknown: joinText(
    'The secret of this feed was stored by a version of Session Desk that did not store where it may be sent. ',
    'Check that {destination} is correct, then enter the secret again.',
  ),
  stopped: 'The run was stopped. The next run continues from here.',
  runFailed: 'The run failed for an unknown reason. The next run tries again.',

  /** `session` is the number of the session in its page. `problem` is a text of `import`. */
  pageProblem: 'Page {page}, session {session}: {problem}',
  pageFieldProblem: 'Page {page}, session {session}, field “{field}”: {problem}',
  /** `problem` is a text of `import`. */
  fileProblem: '{file}, line {line}: {problem}',

  /** `files`: up to ten names. */
  filesNotRegular: joinText(
    'Not imported, because a feed reads only regular files: {files}. Remove folders, links, pipes and devices with ',
    'these names from the folder.',
  ),
  /** `megabytes` and `max` are the limits. */
  fileTooLarge: '{file} is larger than {megabytes} MB or holds more than {max} sessions. Split it into smaller files.',
  /** `max` sessions, `megabytes` of data. */
  runLimitReached:
    'The run ended, because one run adds at most {max} sessions or {megabytes} MB. The next run continues from here.',

  folderUnreadable: 'The folder {folder} cannot be read. Check that it exists and that your user account may read it.',

  unreachable: '{host} could not be reached ({detail}). Check the URL and the network connection.',
  pageTimedOut: '{host} did not send the complete page in time.',
  connectionLost: 'The connection to {host} was lost before the page was complete.',
  responseUnreadable: '{host} sent a page that is too long or is not HTTP. Configure it to send smaller pages.',
  secretRefused:
    '{host} did not accept the secret of this feed (HTTP {status}). Replace the secret, or allow it there.',
  redirected: joinText(
    '{host} redirects to another address. Session Desk does not follow redirects, because the secret ',
    'would go to that address. Correct the URL.',
  ),
  httpError: '{host} responded with HTTP {status}. The next run tries again.',
  goneWithoutCursor: 'The back office responded with HTTP 410 to a request without a cursor. Check the URL.',
  tooManyPages: joinText(
    'The run ended after {max} pages. The next run continues from here. If this happens again, check ',
    'that the feed has a last page.',
  ),

  /** `problem` is one of the texts below. */
  pageDiscarded: '{problem} The page was discarded. The next run requests it again.',
  pageNotJson: 'The page is not valid JSON.',
  sessionsMissing: 'The page has no list “sessions”.',
  lastLineInvalid: 'The last line of the page is not an object with “next”.',
  nextMissing: 'The page has no “next”. It must be the cursor of the next page, or null on the last page.',
  nextInvalid: '“next” must be a text of 1 to {max} characters, or null on the last page.',
  cursorRepeated: 'The page names a cursor that this run used already, so the run would never end.',
  pageTooLong: 'A page can hold at most {max} sessions, but this page holds {count}. Configure smaller pages.',
} as const;
