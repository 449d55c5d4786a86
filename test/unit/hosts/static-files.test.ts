import { sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveStaticFile } from '../../../src-main/hosts/static-files.ts';

const root = `${sep}screen`;

describe('the file behind a path', () => {
  it('is the file itself, with its content type', () => {
    expect(resolveStaticFile(root, '/assets/main-1a2b.js')).toEqual({
      path: '/screen/assets/main-1a2b.js',
      contentType: 'text/javascript; charset=utf-8',
    });
    expect(resolveStaticFile(root, '/assets/inter.woff2')).toEqual({
      path: '/screen/assets/inter.woff2',
      contentType: 'font/woff2',
    });
  });

  it('is index.html for a route of the screen', () => {
    for (const route of ['/', '/sessions', '/sessions/42', '/connections/new']) {
      expect(resolveStaticFile(root, route)?.path, route).toBe('/screen/index.html');
    }
  });

  // Verifies E-18.
  it.each([
    '',
    'main.js',
    '/../x.js',
    '/a/../../x.js',
    '/%2e%2e/x.js',
    '/..%2fx.js',
    '/..\\x.js',
    '/C:/x.js',
    '/a\0.js',
    '/%00.js',
    '/%ff.js',
    '/%',
    '/x.exe',
    '/notes.map',
    '/a/..',
  ])('is none for %j', (path) => {
    expect(resolveStaticFile(root, path)?.path.replace('/screen/index.html', 'index') ?? 'none').toMatch(/^none$/);
  });

  // Verifies E-18.
  it('never leaves the folder, whatever the path', () => {
    const part = fc.oneof(
      fc.constantFrom('..', '.', '', '%2e%2e', '%2f', '\\', 'a.js', 'x'),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.constantFrom('', '.js', '.css'), (parts, end) => {
        const file = resolveStaticFile(root, `/${parts.join('/')}${end}`);
        return file === undefined || (file.path.startsWith('/screen/') && !file.path.split('/').includes('..'));
      }),
      { numRuns: 2_000 },
    );
  });
});
