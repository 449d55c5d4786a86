/**
 * What the console promises about security, each with an id, and which tests keep it: a test says so in a line
 * `// Verifies E-05, I-02.` right above it. `npm run security-requirements` writes the table of README; a test fails where it is not current.
 * E-01 to E-20 are the items of Electron's own checklist, in its order.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const securityRequirements = {
  'E-01': 'The window loads its own files alone (`app://desk`); it has no network and no downloads.',
  'E-02': 'The page has no Node.',
  'E-03': 'The preload runs apart from the page.',
  'E-04': 'Every renderer is in the sandbox of the system.',
  'E-05': 'Every permission and every device is refused, but copying an id.',
  'E-06': 'The rules of the web about origins stay on.',
  'E-07': 'A Content-Security-Policy comes with every answer: nothing inline, nothing foreign, no eval.',
  'E-08': 'No insecure content in the page.',
  'E-09': 'No experimental feature of Chromium.',
  'E-10': 'No Blink feature switched on.',
  'E-11': 'No pop-ups.',
  'E-12': 'No webview.',
  'E-13': 'The window goes to its own page alone; addresses are parsed, not compared by their beginning.',
  'E-14': 'No new window.',
  'E-15': 'One gate to the system’s browser, with a list of hosts, which is empty.',
  'E-16': 'One named Electron, whose binary is checked against the hashes in its package.',
  'E-17': 'Each call is checked for its sender: our page, main frame, our window.',
  'E-18': 'A scheme of its own instead of file://, which serves nothing outside its folder.',
  'E-19': 'Fuses: each decided, none left as it was, and read back from a binary.',
  'E-20': 'The page gets two functions and nothing of Electron, not even its event.',
  'E-21': 'No certificate is taken that the system would refuse.',
  'E-22': 'No warning of Electron is put away, no report of a crash sent.',
  'E-23': 'Developer tools in development alone.',
  'E-24': 'A link from elsewhere finds a session and can do nothing to it.',
  'I-01': 'Each message is answered with an envelope, whatever it is.',
  'I-02': 'Messages are bounded in size, depth and parts, and measured before they are read.',
  'I-03': 'What the contract does not name goes neither in nor out.',
  'I-04': 'Calls are bounded in rate and number.',
  'I-05': 'No message changes what objects inherit, breaks the process or leaves a failure behind.',
  'S-01': 'No secret and no token in the database, the log, an answer, an event, an error or an export.',
  'S-02':
    'None in the page’s memory after it was sent, in any message to the page, on the clipboard, in arguments or environment.',
  'S-03': 'No call gives a secret back.',
  'S-04': 'A secret is kept in the keychain, read back; in memory only where that was agreed to.',
  'S-05': 'The provider’s words lose secrets, links, ids and people before they are kept.',
  'S-06': 'Calls go to the connection’s own host, over https or to loopback; no redirect is followed.',
  'S-07': 'A crash writes no memory to the disk (Linux).',
  'S-08':
    'The main process holds a secret from the keychain no longer than the call that needs it, or the connection of that call, which ends after four idle seconds.',
  'B-01': 'The browser host listens on loopback alone.',
  'B-02': 'It answers under its own address alone (DNS rebinding).',
  'B-03': 'It takes no call from another page, nor one without an origin.',
  'B-04': 'No WebSocket, and no stream of events to another page.',
  'B-05': 'A code of 192 bits opens it once.',
  'B-06': 'Then a cookie that scripts cannot read and other sites cannot send.',
  'B-07': 'Nothing is kept in the browser’s cache.',
  'B-08': 'One client at a time; the one before is signed out.',
  'B-09': 'The one-time address is in no list of processes.',
  'B-10': 'No other user of the machine comes in, not even with the address (Linux).',
  'B-11': 'It ends with its process, and its cookie with it.',
  'F-01': 'Folders are 0700 and files 0600, those of exports and backups too.',
  'F-02': 'An export never replaces a file.',
  'F-03': 'Nothing is written through a link that was put in the way.',
  'F-04': 'A file is there as a whole or not at all.',
  'F-05': 'No text becomes a formula in a spreadsheet.',
  'F-06': 'No archive has a path that leads out of it.',
  'P-01': 'What runs at the desk is on a list, each with its reason.',
  'P-02': 'Every package is pinned by version and hash.',
  'P-03': 'No install script is needed.',
  'P-04': 'No licence of what runs at the desk asks for more than to be named.',
  'P-05': 'Nobody is called but the provider.',
  'P-06': 'A bill of materials (CycloneDX) names every package by its hash, with its licence.',
} as const satisfies Readonly<Record<`${'E' | 'I' | 'S' | 'B' | 'F' | 'P'}-${number}`, string>>;

export type RequirementId = keyof typeof securityRequirements;

export interface SecurityTest {
  /** Below test/. */
  readonly file: string;
  /** As it stands in the file, up to the first place that is filled in when it runs. */
  readonly title: string;
  readonly requirementIds: readonly string[];
}

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

/** The tests of one file that keep promises; throws where the line above a test cannot be told to be one. */
export function findSecurityTests(file: string, text: string): SecurityTest[] {
  return [...text.matchAll(/^ *\/\/ Verifies ([A-Z0-9, -]+)\.\n/gm)].map((found) => {
    const below = text.slice(found.index + found[0].length);
    // What a table of cases holds stands in brackets; the name is the first text right after a parenthesis.
    const title = /^(?: *if \(.*\)\n)?.*?\b(?:it|test|describe)\b[^]{0,1500}?\(\s*(['"`])((?:(?!\1).)+)\1/.exec(
      below,
    )?.[2];
    const ids = found[1] ?? '';
    if (title === undefined) throw new Error(`${file}: "Verifies ${ids}" is not right above a test.`);
    return { file, title: title.split(/\$|%|\s*\(seed/)[0] ?? title, requirementIds: ids.split(', ') };
  });
}

/** Every test that keeps a promise, in the order of the files. */
export function allSecurityTests(): SecurityTest[] {
  const files = readdirSync(join(projectFolder, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(test|spec)\.ts$/.test(path))
    .sort();
  return files.flatMap((file) => findSecurityTests(file, readFileSync(join(projectFolder, 'test', file), 'utf8')));
}

/** The table of README. */
export function requirementsTable(all: readonly SecurityTest[]): string {
  const rows = Object.entries(securityRequirements).map(([id, says]) => {
    const files = [
      ...new Set(
        all
          .filter(({ requirementIds }) => requirementIds.includes(id))
          .map(({ file }) => file.replace(/\.(test|spec)\.ts$/, '')),
      ),
    ];
    return `| ${id} | ${says} | ${files.map((file) => `\`${file}\``).join(' ')} |`;
  });
  return ['| | requirement | verified by (below `test/`) |', '| --- | --- | --- |', ...rows].join('\n');
}

const tableMarkers = {
  begin: '<!-- security-requirements: written by `npm run security-requirements` -->',
  end: '<!-- end of security-requirements -->',
} as const;

/** README with the table of now. Throws where it has no place for it. */
export function replaceRequirementsTable(readme: string, all: readonly SecurityTest[]): string {
  const from = readme.indexOf(tableMarkers.begin);
  const to = readme.indexOf(tableMarkers.end);
  if (from === -1 || to < from) throw new Error('README has no place for the promises.');
  return `${readme.slice(0, from + tableMarkers.begin.length)}\n\n${requirementsTable(all)}\n\n${readme.slice(to)}`;
}

export const readmeFile = join(projectFolder, 'README.md');

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(readmeFile, replaceRequirementsTable(readFileSync(readmeFile, 'utf8'), allSecurityTests()));
