import { describe, expect, it } from 'vitest';
import { checkDocuments } from '../../checks/links.ts';

const repositoryFiles: Readonly<Record<string, string>> = {
  'package.json': '{}',
  'src-main/core/store/worker.ts': 'one\ntwo\nthree',
  'test/unit/checks/links.test.ts': '',
  'resources/docs/guide.md': '# Guide\n\n## What is `kept`?\n\n## Notes\n\n## Notes\n\n<a id="extra"></a>\n',
  'resources/screenshots/one-light.png': '',
};

/** The problems of a document in a small repository, as `line: message`. */
function check(text: string, file = 'README.md'): string[] {
  const files = { ...repositoryFiles, [file]: text };
  return checkDocuments({
    files: Object.keys(files),
    npmScripts: ['start', 'test', 'verify-audit'],
    readFile: (path) => files[path] ?? '',
  }).map(({ line, message }) => `${line}: ${message}`);
}

describe('links', () => {
  it('a link to a file or folder of the repository, or to another site, is not reported', () => {
    const links = [
      '[a](resources/docs/guide.md)',
      '[b](src-main/core/)',
      '[c](https://nodejs.org/x)',
      '[d](<package.json>)',
    ];
    expect(
      check(`${links.join('\n')}\n![e](resources/screenshots/one-light.png 'Title')\n[f][g]\n\n[g]: package.json`),
    ).toEqual([]);
  });

  it.each([
    ['an inline link', '[a](missing.md)'],
    ['an image', '![a](missing.md)'],
    ['the outer link of an image', '[![a](resources/screenshots/one-light.png)](missing.md)'],
    ['a link with a title', '[a](missing.md "Title")'],
    ['a link with a line break in its text', '[a\nb](missing.md)'],
    ['a link definition', '[a]: missing.md'],
    ['an HTML link', '<a href="missing.md">a</a>'],
    ['an HTML image', '<img src="missing.md" alt="">'],
    ['a source of a picture', '<source srcset="resources/screenshots/one-light.png, missing.md 2x">'],
  ])('a missing target is found: %s', (_name, text) => {
    const line = 2 + text.slice(0, text.indexOf('](missing')).split('\n').length;
    expect(check(`# Title\n\n${text}\n`)).toEqual([`${line}: link to missing.md: missing.md is not in the repository`]);
  });

  it('a target is resolved from the folder of its document', () => {
    const text = '[a](guide.md) [b](../screenshots/one-light.png) [c](resources/docs/guide.md)';
    expect(check(text, 'resources/docs/other.md')).toEqual([
      '1: link to resources/docs/guide.md: resources/docs/resources/docs/guide.md is not in the repository',
    ]);
  });

  it('a target is case-sensitive, as it is on GitHub', () => {
    expect(check('[a](resources/docs/Guide.md)')).toHaveLength(1);
  });

  it('a path from the root of the site and a path out of the repository are found', () => {
    expect(check('[a](/package.json)\n[b](../package.json)')).toEqual([
      '1: link to /package.json: write the path relative to the document',
      '2: link to ../package.json: leads out of the repository',
    ]);
  });

  it('a link label without a definition is found', () => {
    expect(check('[a][b]')).toEqual(['1: link label [b] is not defined']);
  });

  it('links in code and in comments are not checked', () => {
    expect(check('`[a](missing)`\n\n```md\n[a](missing)\n```\n\n<!-- [a](missing) -->\n')).toEqual([]);
  });
});

describe('anchors', () => {
  it('headings, repeated headings and explicit ids are anchors', () => {
    const anchors = ['guide', 'what-is-kept', 'notes', 'notes-1', 'extra'];
    expect(check(anchors.map((anchor) => `[a](resources/docs/guide.md#${anchor})`).join('\n'))).toEqual([]);
    expect(check('# One & two\n\n[a](#one--two)')).toEqual([]);
  });

  it('a missing anchor is found in the same and in another document', () => {
    expect(check('# Title\n\n[a](#subtitle)\n[b](resources/docs/guide.md#notes-2)')).toEqual([
      '3: link to #subtitle: README.md has no anchor #subtitle',
      '4: link to resources/docs/guide.md#notes-2: resources/docs/guide.md has no anchor #notes-2',
    ]);
  });

  it('a heading in a block of code is not an anchor', () => {
    expect(check('```\n# Title\n```\n\n[a](#title)')).toHaveLength(1);
  });

  it('an anchor to lines of a source file must name lines that exist', () => {
    const worker = 'src-main/core/store/worker.ts';
    expect(check(`[a](${worker}#L3) [b](${worker}#L1-L3)`)).toEqual([]);
    expect(check(`[a](${worker}#L4)\n[b](${worker}#L1-L9)\n[c](${worker}#run)\n[d](src-main#L1)`)).toHaveLength(4);
  });
});

describe('paths in code', () => {
  it.each([
    'src-main/core/store/worker.ts',
    'src-main/core/store/',
    'src-main/core/store/worker.ts:12',
    './test/unit/checks',
    'worker.ts',
    'store/worker.ts',
    'src-main/**/*.ts',
    'src-main/core/{store,audit}/worker.ts',
    'node test/unit/checks/links.test.ts --flag',
    'node_modules/electron/install.js',
    'out/main/main.js',
    '/usr/lib/x.js',
    'src-main/core/<name>.ts',
    'audio/mpeg',
    'placement.json',
    'Node.js',
    '.ts',
  ])('an existing path, or a word that is not a path, is not reported: %s', (word) => {
    expect(check(`\`${word}\``)).toEqual([]);
  });

  it.each([
    'src-main/core/missing',
    'src-main/core/store/missing.ts',
    'resources/screenshots/missing.png',
    'missing.ts',
    'core/missing.vue',
    'CODEOWNERS.md',
    'src-main/**/*.vue',
    'src-main/core/{audit,feeds}/worker.ts',
  ])('a path that does not exist is found: %s', (path) => {
    expect(check(`# Title\n\nSee \`${path}\`.`)).toEqual([`3: ${path} is not in the repository`]);
  });

  it('each word of a command is checked, also in a block of code', () => {
    expect(check('Run `node test/missing.ts`.\n\n```sh\nnpm ci\nnode test/missing.ts\n```')).toEqual([
      '1: test/missing.ts is not in the repository',
      '5: test/missing.ts is not in the repository',
    ]);
  });

  it('in a block of code, only paths from the root are checked, because samples may contain any name', () => {
    expect(check('~~~\nmissing.ts\n~~~')).toEqual([]);
  });
});

describe('npm scripts', () => {
  it('a script that exists is not reported', () => {
    expect(check('`npm test` `npm start -- --browser` `npm run -s verify-audit -- FILE` `npm run`')).toEqual([]);
  });

  it('a script that does not exist is found, in a span and in a block of code', () => {
    expect(check('`npm run missing`\n\n```sh\nnpm run --silent missing -- x\n```')).toEqual([
      '1: package.json has no script "missing"',
      '4: package.json has no script "missing"',
    ]);
  });
});

describe('a changelog', () => {
  const text =
    '# Changelog\n\n## [Unreleased]\n\n`missing.ts`\n\n' +
    '## [0.1.0] - 2026-11-21\n\n`missing.ts` `npm run missing` [a](missing.md)\n';

  it('a changelog may name files and scripts of earlier versions, but its links must resolve', () => {
    expect(check(text, 'CHANGELOG.md')).toEqual([
      '5: missing.ts is not in the repository',
      '9: link to missing.md: missing.md is not in the repository',
    ]);
  });
});
