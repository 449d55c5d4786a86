import { baseUrlPresets, AppError, type Environment, type ProviderName } from '../../contract/index.ts';
import { isLoopback } from '../providers/index.ts';

/**
 * The base URL as an origin, or a AppError `base_url_refused` that says what is wrong with it. https only, but for
 * loopback; nothing behind the host; and not the provider's host of the other environment (providers.md 1.2).
 */
export function parseBaseUrl(text: string, provider: ProviderName, environment: Environment): string {
  const url = URL.parse(text.trim());
  if (!url || !url.hostname)
    throw invalidBaseUrlError(
      `“${text}” is not a URL. Write it as https:// and the host, e.g. ${baseUrlPresets[provider][environment]}.`,
    );
  if (url.username || url.password)
    throw invalidBaseUrlError('The base URL must not hold a user name or password. Enter the secret in its own field.');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw invalidBaseUrlError(
      `The base URL must begin with https://, so that the secret and the answers cannot be read on the way. It begins with ${url.protocol}//.`,
    );
  }
  if (url.pathname !== '/' || url.search || url.hash)
    throw invalidBaseUrlError('The base URL must end after the host: remove the path behind it.');

  const other = environment === 'production' ? 'sandbox' : 'production';
  const { origin } = url;
  if (origin === baseUrlPresets[provider][other] && origin !== baseUrlPresets[provider][environment]) {
    throw invalidBaseUrlError(
      `${url.hostname} is the provider's ${other} host, but this connection is for ${environment}. Change one of the two.`,
    );
  }
  return origin;
}

function invalidBaseUrlError(message: string): AppError {
  return new AppError('base_url_refused', message, { details: { field: 'baseUrl' } });
}
