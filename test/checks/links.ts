/**
 * Checks every tracked Markdown file: relative links and anchors resolve, paths in code exist, npm scripts exist.
 * `node test/checks/links.ts` prints each problem with its file and line. Exit code 1 if there is a problem.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface DocumentProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export interface Repository {
  /** Paths from the root with `/` as separator. */
  readonly files: readonly string[];
  readonly npmScripts: readonly string[];
  /** The content of one of `files`. */
  readFile(path: string): string;
}

/** Folders that Git ignores. Documents may name files in them. */
const generatedFolders: readonly string[] = ['node_modules', 'out', 'test-results'];
/** A name with one of these extensions is a source file or a document. JSON is not listed: the app writes some. */
const sourceExtension = /\.(?:ts|vue|[cm]?js|css|md|ya?ml|svg)$/;

/** A piece of code in a document: a span in backticks, or a fenced block. */
interface CodeFragment {
  readonly index: number;
  readonly text: string;
  readonly isFenced: boolean;
}

interface ParsedDocument {
  readonly text: string;
  /** `text` with code and comments replaced by spaces, so that positions stay the same. */
  readonly prose: string;
  readonly code: readonly CodeFragment[];
  readonly anchors: ReadonlySet<string>;
}

const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ');

function parseDocument(text: string): ParsedDocument {
  const code: CodeFragment[] = [];
  const withoutComments = text.replaceAll(/<!--[\s\S]*?-->/g, blank);
  const fencedBlock = /^( *)(`{3,}|~{3,})[^\n]*\n([\s\S]*?)(?:^ *\2[`~]* *$|$(?![\s\S]))/gm;
  const withoutFences = withoutComments.replaceAll(
    fencedBlock,
    (block: string, indent: string, fence: string, content: string, index: number) => {
      const contentIndex = index + block.indexOf('\n', indent.length + fence.length) + 1;
      code.push({ index: contentIndex, text: content, isFenced: true });
      return blank(block);
    },
  );
  const prose = withoutFences.replaceAll(
    /(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g,
    (span: string, ticks: string, content: string, index: number) => {
      // A code span ends with its paragraph.
      if (/\n\s*\n/.test(content)) return span;
      code.push({ index: index + ticks.length, text: content, isFenced: false });
      return blank(span);
    },
  );
  return { text, prose, code, anchors: collectAnchors(withoutFences) };
}

/** The anchors that GitHub gives to headings, and explicit `id` and `name` attributes. */
function collectAnchors(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  const counts = new Map<string, number>();
  for (const [, heading = ''] of text.matchAll(/^ {0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/gm)) {
    const slug = toSlug(heading);
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  for (const [, name = ''] of text.matchAll(/<[^>]*\s(?:id|name)="([^"]+)"/g)) anchors.add(name);
  return anchors;
}

function toSlug(heading: string): string {
  return heading
    .replaceAll(/!\[[^\]]*\]\([^)]*\)|<[^>]+>/g, '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}

/** A glob with `*`, `**` and `{a,b}` as an expression for whole paths. */
function toPathPattern(glob: string): RegExp {
  const source = glob.replaceAll(/\*\*\/?|[*{},.]/g, (token) => {
    if (token.startsWith('**')) return '.*';
    return { '*': '[^/]*', '{': '(?:', '}': ')', ',': '|' }[token] ?? '\\.';
  });
  return new RegExp(`^${source}$`);
}

class DocumentChecker {
  readonly #repository: Repository;
  readonly #files: ReadonlySet<string>;
  readonly #folders: ReadonlySet<string>;
  readonly #documents = new Map<string, ParsedDocument>();

  constructor(repository: Repository) {
    this.#repository = repository;
    this.#files = new Set(repository.files);
    this.#folders = new Set(
      repository.files.flatMap((file) => {
        const parts = file.split('/').slice(0, -1);
        return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
      }),
    );
  }

  check(file: string): DocumentProblem[] {
    const document = this.#parse(file);
    const problems: DocumentProblem[] = [];
    const report = (index: number, message: string | null): void => {
      if (message !== null) problems.push({ file, line: document.text.slice(0, index).split('\n').length, message });
    };
    for (const { index, target } of findLinks(document.prose)) report(index, this.#checkLink(file, target));
    for (const { index, label } of findUndefinedLabels(document.prose))
      report(index, `link label [${label}] is not defined`);
    // Entries of released versions describe the files of their time.
    const isChangelog = posix.basename(file) === 'CHANGELOG.md';
    const historyIndex = isChangelog ? document.text.search(/^## \[?\d/m) : -1;
    for (const fragment of document.code) {
      if (historyIndex !== -1 && fragment.index > historyIndex) continue;
      for (const { index, word } of findWords(fragment)) report(index, this.#checkPath(word, fragment.isFenced));
      for (const { index, script } of findNpmScripts(fragment)) report(index, this.#checkScript(script));
    }
    return problems.sort((a, b) => a.line - b.line);
  }

  #parse(file: string): ParsedDocument {
    const cached = this.#documents.get(file);
    if (cached) return cached;
    const document = parseDocument(this.#repository.readFile(file));
    this.#documents.set(file, document);
    return document;
  }

  #checkLink(file: string, target: string): string | null {
    if (/^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(target)) return null;
    if (target.startsWith('/')) return `link to ${target}: write the path relative to the document`;
    const [encodedPath = '', anchor] = target.split('#');
    const path = decodeURIComponent(encodedPath);
    const resolved = path === '' ? file : posix.join(posix.dirname(file), path).replace(/\/$/, '');
    if (resolved.startsWith('..')) return `link to ${target}: leads out of the repository`;
    const isFile = this.#files.has(resolved);
    if (!isFile && !this.#folders.has(resolved) && resolved !== '.')
      return `link to ${target}: ${resolved} is not in the repository`;
    if (anchor === undefined) return null;
    return this.#hasAnchor(resolved, isFile, decodeURIComponent(anchor))
      ? null
      : `link to ${target}: ${resolved} has no anchor #${anchor}`;
  }

  #hasAnchor(path: string, isFile: boolean, anchor: string): boolean {
    if (!isFile) return false;
    if (path.endsWith('.md')) return this.#parse(path).anchors.has(anchor);
    // GitHub links to lines of source files: #L10 or #L10-L20.
    const lastLine = /^L\d+(?:-L(?=\d))?(\d+)?$/.exec(anchor) && Number(/\d+$/.exec(anchor)?.[0]);
    return typeof lastLine === 'number' && lastLine <= this.#repository.readFile(path).split('\n').length;
  }

  /** Whether a word that looks like a path names a file or folder of the repository. */
  #checkPath(word: string, isFenced: boolean): string | null {
    if (!/^[\w.@*{},/-]+$/.test(word) || word.includes('..')) return null;
    const path = word.replace(/^\.\//, '').replace(/\/$/, '');
    const [first = ''] = path.split('/');
    const isExtension = /^\.\w+$/.test(word);
    if (word.startsWith('/') || isExtension || generatedFolders.includes(first)) return null;
    const isFromRoot = word.includes('/') && this.#folders.has(first);
    // In a fenced block, only a path from the root is certain to be a path.
    const isSource = !isFenced && sourceExtension.test(path) && !/^[A-Z][a-z]+\.js$/.test(path);
    if (!isFromRoot && !isSource) return null;
    return this.#pathExists(path, isFromRoot) ? null : `${word} is not in the repository`;
  }

  /** A path that does not start at the root must be the end of a path: `decide.ts`, `core/store/worker.ts`. */
  #pathExists(path: string, isFromRoot: boolean): boolean {
    if (/[*{]/.test(path)) {
      const pattern = toPathPattern(isFromRoot ? path : `**/${path}`);
      return [...this.#files, ...this.#folders].some((candidate) => pattern.test(candidate));
    }
    if (this.#files.has(path) || this.#folders.has(path)) return true;
    return !isFromRoot && this.#repository.files.some((file) => file.endsWith(`/${path}`));
  }

  #checkScript(script: string): string | null {
    return this.#repository.npmScripts.includes(script) ? null : `package.json has no script "${script}"`;
  }
}

function* findLinks(prose: string): Generator<{ index: number; target: string }> {
  const target = String.raw`(<[^>\n]*>|[^\s()]+(?:\([^\s()]*\)[^\s()]*)*)`;
  const inlineLink = new RegExp(String.raw`\]\(\s*${target}(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)`, 'g');
  const definition = new RegExp(String.raw`^ {0,3}\[[^\]\n]+\]:[ \t]*${target}`, 'gm');
  for (const pattern of [inlineLink, definition])
    for (const match of prose.matchAll(pattern))
      yield { index: match.index, target: (match[1] ?? '').replace(/^<|>$/g, '') };
  for (const match of prose.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g))
    for (const candidate of (match[1] ?? '').split(','))
      yield { index: match.index, target: candidate.trim().split(' ')[0] ?? '' };
}

function* findUndefinedLabels(prose: string): Generator<{ index: number; label: string }> {
  const defined = new Set([...prose.matchAll(/^ {0,3}\[([^\]\n]+)\]:/gm)].map(([, label = '']) => label.toLowerCase()));
  for (const match of prose.matchAll(/\]\[([^\]\n]+)\]/g)) {
    const label = match[1] ?? '';
    if (!defined.has(label.toLowerCase())) yield { index: match.index, label };
  }
}

/** The words of a fragment without quotes around them and punctuation after them. */
function* findWords({ index, text }: CodeFragment): Generator<{ index: number; word: string }> {
  for (const match of text.matchAll(/[^\s'"=()]+/g))
    yield { index: index + match.index, word: match[0].replace(/(?::\d+)*[.,;:]*$/, '') };
}

function* findNpmScripts({ index, text }: CodeFragment): Generator<{ index: number; script: string }> {
  for (const match of text.matchAll(/\bnpm (?:(?:run|run-script)(?: +--?[\w-]+)* +([\w:-]+)|(start|test)\b)/g))
    yield { index: index + match.index, script: match[1] ?? match[2] ?? '' };
}

/** Every problem in the Markdown files of a repository. */
export function checkDocuments(repository: Repository): DocumentProblem[] {
  const checker = new DocumentChecker(repository);
  return repository.files.filter((file) => file.endsWith('.md')).flatMap((file) => checker.check(file));
}

/** Tracked files. In a copy without Git: every file outside of the generated folders. */
function listFiles(root: string): string[] {
  if (existsSync(join(root, '.git'))) {
    const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8', maxBuffer: 64_000_000 });
    return tracked.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
  }
  return readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => !generatedFolders.includes(name))
    .flatMap((entry) => {
      if (!entry.isDirectory()) return [entry.name];
      const entries = readdirSync(join(root, entry.name), { recursive: true, withFileTypes: true });
      return entries
        .filter((file) => file.isFile())
        .map((file) => join(file.parentPath, file.name).slice(root.length).replaceAll('\\', '/'));
    });
}

function main(): void {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const readFile = (path: string): string => readFileSync(join(root, path), 'utf8');
  const { scripts } = JSON.parse(readFile('package.json')) as { scripts: Record<string, string> };
  const problems = checkDocuments({ files: listFiles(root), npmScripts: Object.keys(scripts), readFile });
  for (const { file, line, message } of problems) process.stderr.write(`${file}:${line}: ${message}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
