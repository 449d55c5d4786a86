import { sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveStaticFile } from '../../../src-main/hosts/static-files.ts';

const root = `${sep}root`;

describe('resolveStaticFile', () => {
  it('returns the path and content type of a file', () => {
    expect(resolveStaticFile(root, '/assets/main-1a2b.js')).toEqual({
      path: '/root/assets/main-1a2b.js',
      contentType: 'text/javascript; charset=utf-8',
    });
    expect(resolveStaticFile(root, '/assets/inter.woff2')).toEqual({
      path: '/root/assets/inter.woff2',
      contentType: 'font/woff2',
    });
  });

  it('returns index.html for a path without an extension', () => {
    for (const route of ['/', '/sessions', '/sessions/42', '/connections/new']) {
      expect(resolveStaticFile(root, route)?.path, route).toBe('/root/index.html');
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
  ])('returns undefined for %j', (path) => {
    expect(resolveStaticFile(root, path)?.path.replace('/root/index.html', 'index') ?? 'none').toBe('none');
  });

  // Verifies E-18.
  it('never returns a path outside of the root folder', () => {
    const part = fc.oneof(
      fc.constantFrom('..', '.', '', '%2e%2e', '%2f', '\\', 'a.js', 'x'),
      fc.string({ maxLength: 6 }),
    );
    let found = 0;
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.constantFrom('', '.js', '.css'), (parts, extension) => {
        const file = resolveStaticFile(root, `/${parts.join('/')}${extension}`);
        if (file !== undefined) found += 1;
        return file === undefined || (file.path.startsWith('/root/') && !file.path.split('/').includes('..'));
      }),
      { numRuns: 2_000 },
    );
    expect(found).toBeGreaterThan(20);
  });
});
