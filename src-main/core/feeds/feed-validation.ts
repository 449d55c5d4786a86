/** Validation of a feed's source before the feed is stored. */
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { AppError, createMessage, type Message } from '../../contract/index.ts';
import { isLoopback } from '../providers/index.ts';

export function feedError(message: Message, field?: string): AppError {
  return new AppError('feed_refused', message, { details: field === undefined ? {} : { field } });
}

/**
 * Returns the normalized URL. It must use https, or http to this computer, and must not contain credentials or a
 * parameter that Session Desk adds. Throws feed_refused.
 */
export function validateUrl(text: string): string {
  const field = 'source.url';
  if (!URL.canParse(text)) throw feedError(createMessage('feed.urlInvalid'), field);
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw feedError(createMessage('feed.urlNotHttps'), field);
  }
  if (url.username !== '' || url.password !== '') throw feedError(createMessage('feed.urlHasCredentials'), field);
  if (url.searchParams.has('since') || url.searchParams.has('cursor')) {
    throw feedError(createMessage('feed.urlHasReservedParameter'), field);
  }
  url.hash = '';
  return url.href;
}

/** Returns the folder's real path. Throws feed_refused if the path is relative or not a readable folder. */
export async function validateFolder(path: string): Promise<string> {
  const field = 'source.path';
  if (!isAbsolute(path)) throw feedError(createMessage('feed.pathNotAbsolute'), field);
  const resolvedPath = await realpath(path).catch(() => null);
  const stats = resolvedPath === null ? null : await stat(resolvedPath).catch(() => null);
  if (resolvedPath === null || !stats?.isDirectory()) throw feedError(createMessage('feed.folderNotFound'), field);
  return resolvedPath;
}
