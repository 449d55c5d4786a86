/** What an operator enters for a feed, before anything is asked of anybody. */
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { AppError } from '../../contract/index.ts';
import { isLoopback } from '../providers/index.ts';

export function feedError(message: string, field?: string): AppError {
  return new AppError('feed_refused', message, { details: field === undefined ? {} : { field } });
}

/** https, or http to this machine; nothing secret in it, and nothing that the console adds itself. Throws feed_refused. */
export function validateUrl(text: string): string {
  const field = 'source.url';
  if (!URL.canParse(text)) throw feedError('This is not a URL. It begins with https://.', field);
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw feedError('A feed is read over https alone; http is for this machine itself (127.0.0.1).', field);
  }
  if (url.username !== '' || url.password !== '') {
    throw feedError('The URL holds a user name or password. Enter the secret in its own field.', field);
  }
  if (url.searchParams.has('since') || url.searchParams.has('cursor')) {
    throw feedError('`since` and `cursor` are added by the console. Leave them out of the URL.', field);
  }
  url.hash = '';
  return url.href;
}

/** The folder's real path. Throws feed_refused. */
export async function validateFolder(path: string): Promise<string> {
  const field = 'source.path';
  if (!isAbsolute(path)) throw feedError('Enter the whole path of the folder.', field);
  const real = await realpath(path).catch(() => null);
  const stats = real === null ? null : await stat(real).catch(() => null);
  if (real === null || !stats?.isDirectory()) throw feedError('There is no such folder, or it cannot be read.', field);
  return real;
}
