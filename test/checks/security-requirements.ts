/**
 * The security requirements, each with an id, and the tests that verify them. A test names its requirements in a
 * comment `// Verifies E-05, I-02.` directly above it. `npm run security-requirements` writes the table in
 * resources/docs/security.md; a unit test fails if the table is outdated. E-01 to E-20 are the items of Electron's
 * security checklist, in its order.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const securityRequirements = {
  'E-01':
    'The window loads only the files of the app (`app://desk`). It sends no network requests and downloads nothing.',
  'E-02': 'The renderer runs without Node integration.',
  'E-03': 'Context isolation is enabled for the preload.',
  'E-04': 'Every renderer process runs in the sandbox of the operating system.',
  'E-05': 'The session denies all permission requests and devices, except writing to the clipboard.',
  'E-06': '`webSecurity` is enabled.',
  'E-07': 'Every response has a Content-Security-Policy that forbids inline scripts, other origins and eval.',
  'E-08': '`allowRunningInsecureContent` is disabled.',
  'E-09': 'Experimental features of Chromium are disabled.',
  'E-10': '`enableBlinkFeatures` is not used.',
  'E-11': 'The `<webview>` tag is disabled, and `allowpopups` is not used.',
  'E-12': 'Attaching a webview is blocked.',
  'E-13': 'The window navigates only within the app. Addresses are parsed and compared by origin, not by prefix.',
  'E-14': 'The page cannot open new windows.',
  'E-15': 'Only one module opens addresses in the default browser. Its list of allowed hosts is empty.',
  'E-16': 'The Electron version is pinned. The binary is verified with the hashes in the package.',
  'E-17': 'Each IPC call is accepted only from the app page, in the main frame of the app window.',
  'E-18':
    'The page is loaded from a custom scheme instead of file://. The scheme serves only files in the build folder.',
  'E-19': 'Every Electron fuse is configured. A test reads the fuses back from a binary.',
  'E-20': 'The preload exposes two functions. It does not expose Electron APIs or IPC events.',
  'E-21': 'Certificate errors are never ignored.',
  'E-22': 'Security warnings of Electron are not disabled, and no crash reports are sent.',
  'E-23': 'Developer tools are available only in development.',
  'E-24': 'A deep link can only search for a session. It cannot start an action.',
  'E-25': 'WebRTC is off: a page cannot send STUN or TURN packets, or connect to another computer past the policy.',
  'E-26': 'A native dialog, which a page cannot answer, asks before actions that a page must not start alone.',
  'E-27': 'The page accepts no text as HTML, script or code (Trusted Types). Only Vue has a policy.',
  'E-28': 'The window removes a copied session ID or reference from the clipboard after a minute and at the exit.',
  'E-29': 'If the operator turns it on, recordings of the screen do not show the window (Windows, macOS).',
  'E-30': 'A link in the page starts no name resolution, so that no data leaves in host names.',
  'I-01': 'Every call returns an envelope, whatever its input.',
  'I-02':
    'Size, depth and number of values of an input are limited. The limits are checked before the input is parsed.',
  'I-03': 'Inputs and outputs contain only fields of the contract.',
  'I-04': 'The rate of calls and the number of pending calls are limited: in the page and again in the main process.',
  'I-05': 'No message pollutes a prototype, ends the process or causes an unhandled rejection.',
  'S-01': 'The database, the log, outputs, events, errors and exports contain no secrets and no access tokens.',
  'S-02':
    'A submitted secret is not in page memory, messages to the page, the clipboard, arguments or the environment.',
  'S-03': 'No call returns a secret.',
  'S-04': 'A secret is stored in the keychain and read back. It stays in memory only if the operator agrees.',
  'S-05': 'Secrets, links, session ids and personal data are removed from provider messages before they are stored.',
  'S-06': 'Requests go only to the host of the connection, over https or to loopback. Redirects are not followed.',
  'S-07': 'A crash does not write process memory to the disk (Linux).',
  'S-08':
    'The main process keeps a secret only for the request and its network connection, which closes after 4 s idle.',
  'S-09': 'Redaction and format detection take time in proportion to the length of the text, whatever it is.',
  'S-10': 'An ID with a character that could change the path of a request is neither stored nor sent.',
  'S-11': 'A secret is sent only to the provider, environment and origin that the keychain stores with it.',
  'S-12': 'After a restore, nothing is sent until the operator has reviewed where connections and feeds send requests.',
  'S-13': 'Electron asks outside the page before new hosts and folders, restores, and large production batches.',
  'S-14': 'The signal SIGUSR1 does not open a debugger.',
  'B-01': 'The browser host listens only on loopback.',
  'B-02': 'Requests with another Host header are rejected (DNS rebinding).',
  'B-03': 'Calls from other origins and calls without an origin are rejected.',
  'B-04': 'There is no WebSocket. Event streams to other origins are rejected.',
  'B-05': 'Login requires a one-time code of 192 bits.',
  'B-06': 'The session cookie is HttpOnly and SameSite=Strict.',
  'B-07': 'The browser caches no responses.',
  'B-08': 'Only one client is signed in. A new login signs out the previous client.',
  'B-09': 'The one-time address does not appear in program arguments.',
  'B-10': 'On Linux, a request is accepted only if its connection provably belongs to the user of Session Desk.',
  'B-11': 'The server ends with its process. Its cookie is not valid for the next server.',
  'B-12':
    'Calls and event streams also require a token that only the signed-in tab has; pages of other ports have not.',
  'B-13': 'A client that sends no request for 30 minutes is signed out.',
  'B-14': 'In Chromium, the page connects only to its own origin. This includes WebRTC.',
  'F-01': 'Folders have mode 0700 and files mode 0600, including exports and backups.',
  'F-02': 'An export does not overwrite a file.',
  'F-03': 'Files are not written through symbolic links.',
  'F-04': 'Files are written atomically.',
  'F-05': 'CSV exports escape every place that a spreadsheet of any locale would run as a formula.',
  'F-06': 'Archives contain no paths that leave the target folder.',
  'F-07': 'Texts from files, feeds and forms have no control characters and no line ends.',
  'F-08':
    'The verifier of exports reports success only if it has verified every record, and prints no text of the file.',
  'F-14':
    'A database with parts that no migration created is not opened. A record that was not written stops the action.',
  'F-15': 'An interrupted batch resumes only if its items, its digest and the MAC of its confirmation agree.',
  'F-09': 'Sessions that were deleted permanently are no longer in the files of the database.',
  'F-10': 'A folder that another user owns or can replace is not used, also through a symbolic link (not on Windows).',
  'F-11': 'Only listed copies of the database can be deleted, and only after the operator confirms it.',
  'F-12':
    'Links, named pipes, sockets and devices are not read, neither in a watched folder nor as files of Session Desk.',
  'F-13': 'One run of a feed adds a limited number of sessions and bytes.',
  'P-01': 'Every package that runs in production is on a list, with a reason.',
  'P-02': 'Every package is pinned by version and hash.',
  'P-03': 'Installation needs no install scripts.',
  'P-04': 'All packages that run in production have permissive licences.',
  'P-05': 'Session Desk sends requests only to the providers.',
  'P-06': 'A bill of materials (CycloneDX) lists every package with its hash and licence.',
  'P-07': 'The Node binary that runs the scripts on Linux x64 is the one that nodejs.org publishes.',
  'P-08': 'Workflows run only actions that are pinned to a commit, with the permissions that they need.',
} as const satisfies Readonly<Record<`${'E' | 'I' | 'S' | 'B' | 'F' | 'P'}-${number}`, string>>;

export type RequirementId = keyof typeof securityRequirements;

export interface SecurityTest {
  /** Path below test/. */
  readonly file: string;
  /** The title in the source file, up to the first placeholder. */
  readonly title: string;
  readonly requirementIds: readonly string[];
}

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

/** The tests of a file that verify requirements. Throws if a `Verifies` comment is not directly above a test. */
export function findSecurityTests(file: string, text: string): SecurityTest[] {
  return [...text.matchAll(/^ *\/\/ Verifies ([A-Z0-9, -]+)\.\n/gm)].map((comment) => {
    const testSource = text.slice(comment.index + comment[0].length);
    // The title is the first string after an opening parenthesis that a function follows, maybe after options: a case
    // of `it.each` can contain calls with strings too.
    const start = String.raw`^(?: *if \(.*\)\n)?.*?\b(?:it|test|describe)\b[^]{0,6000}?\(\s*`;
    const string = String.raw`(['"\`])((?:(?!\1).)+)\1`;
    const callback = String.raw`,\s*(?:\{[^{}]*\},\s*)?(?:async\s*)?\(`;
    const title = new RegExp(start + string + callback).exec(testSource)?.[2];
    const ids = comment[1] ?? '';
    if (title === undefined) throw new Error(`${file}: "Verifies ${ids}" is not directly above a test.`);
    return { file, title: title.split(/\$|%|\s*\(seed/)[0] ?? title, requirementIds: ids.split(', ') };
  });
}

/** All tests that verify requirements, in the order of the files. */
export function allSecurityTests(): SecurityTest[] {
  const files = readdirSync(join(projectFolder, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(test|spec)\.ts$/.test(path))
    .sort();
  return files.flatMap((file) => findSecurityTests(file, readFileSync(join(projectFolder, 'test', file), 'utf8')));
}

/** The table of resources/docs/security.md. */
export function requirementsTable(tests: readonly SecurityTest[]): string {
  const rows = Object.entries(securityRequirements).map(([id, requirement]) => {
    const files = [
      ...new Set(
        tests
          .filter(({ requirementIds }) => requirementIds.includes(id))
          .map(({ file }) => file.replace(/\.(test|spec)\.ts$/, '')),
      ),
    ];
    return `| ${id} | ${requirement} | ${files.map((file) => `\`${file}\``).join(' ')} |`;
  });
  return ['| | requirement | verified by (below `test/`) |', '| --- | --- | --- |', ...rows].join('\n');
}

const tableMarkers = {
  begin: '<!-- security-requirements: written by `npm run security-requirements` -->',
  end: '<!-- end of security-requirements -->',
} as const;

/** Replaces the table in the text of the document. Throws if the markers are missing. */
export function replaceRequirementsTable(document: string, tests: readonly SecurityTest[]): string {
  const begin = document.indexOf(tableMarkers.begin);
  const end = document.indexOf(tableMarkers.end);
  if (begin === -1 || end < begin) throw new Error('The document has no markers for the table of requirements.');
  const head = document.slice(0, begin + tableMarkers.begin.length);
  return `${head}\n\n${requirementsTable(tests)}\n\n${document.slice(end)}`;
}

export const securityDocument = join(projectFolder, 'resources', 'docs', 'security.md');

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(securityDocument, replaceRequirementsTable(readFileSync(securityDocument, 'utf8'), allSecurityTests()));
