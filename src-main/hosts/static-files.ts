/**
 * Serves the files of the built renderer for both hosts, and no file outside of their folder, with response headers
 * that let the page load only resources of its own origin.
 */
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  // A text cannot become HTML, a script or code. Vue creates the policy `vue` once; its templates are compiled.
  "require-trusted-types-for 'script'",
  'trusted-types vue',
].join('; ');

export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/**
 * The headers of the browser host. `Connection-Allowlist` limits all connections of the page to its own origin, also
 * those of WebRTC, which the Content-Security-Policy does not cover. Chromium implements it for http; other browsers
 * ignore it. https://wicg.github.io/connection-allowlists/
 */
export const browserSecurityHeaders: Readonly<Record<string, string>> = {
  ...securityHeaders,
  'Connection-Allowlist': '(response-origin)',
};

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export interface StaticFileResponse {
  readonly status: 200 | 404;
  readonly contentType: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * Resolves a URL path to a file in `root` (an absolute directory). Returns undefined if the path is malformed, leads
 * out of the directory, or has an extension that the renderer does not use. A path without an extension is a route of
 * the renderer and resolves to index.html.
 */
export function resolveStaticFile(root: string, urlPath: string): { path: string; contentType: string } | undefined {
  let path: string;
  try {
    path = decodeURIComponent(urlPath);
  } catch {
    return undefined;
  }
  const segments = path.split('/').slice(1);
  if (!path.startsWith('/') || /[\\:\0]/.test(path) || segments.includes('..') || segments.includes('.'))
    return undefined;
  const extension = extname(path);
  if (extension === '') return { path: join(root, 'index.html'), contentType: contentTypes['.html'] ?? '' };
  const contentType = contentTypes[extension];
  return contentType === undefined ? undefined : { path: join(root, ...segments), contentType };
}

/** Reads the file of a URL path. If the file does not exist, returns status 404 with an empty body. */
export async function readStaticFile(root: string, urlPath: string): Promise<StaticFileResponse> {
  const file = resolveStaticFile(root, urlPath);
  const notFound: StaticFileResponse = {
    status: 404,
    contentType: 'text/plain; charset=utf-8',
    body: new Uint8Array(),
  };
  if (file === undefined) return notFound;
  try {
    return { status: 200, contentType: file.contentType, body: new Uint8Array(await readFile(file.path)) };
  } catch {
    return notFound;
  }
}
