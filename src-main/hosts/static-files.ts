/** The built screen as answers to GET: what both hosts serve, and nothing outside its folder. */
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

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
 * The file inside `root` (a directory, absolute) that a URL path names, or undefined where the path is malformed, leads
 * out of the folder or has a kind that the screen does not use. A path without an extension is a route of the screen,
 * which index.html draws.
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

/** Reads what a URL path names; 404 with an empty body where there is no such file. */
export async function readStaticFile(root: string, urlPath: string): Promise<StaticFileResponse> {
  const file = resolveStaticFile(root, urlPath);
  const nothing: StaticFileResponse = { status: 404, contentType: 'text/plain; charset=utf-8', body: new Uint8Array() };
  if (file === undefined) return nothing;
  try {
    return { status: 200, contentType: file.contentType, body: new Uint8Array(await readFile(file.path)) };
  } catch {
    return nothing;
  }
}
