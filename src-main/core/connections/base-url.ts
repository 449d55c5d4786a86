import {
  AppError,
  baseUrlPresets,
  createMessage,
  type Environment,
  type Message,
  type ProviderName,
} from '../../contract/index.ts';
import { isLoopback } from '../providers/index.ts';

/**
 * Returns the base URL as an origin (providers.md 1.2). Throws base_url_refused if the URL is not https (http is
 * allowed on loopback), has anything except scheme, host and port, or is the provider's host of the other environment.
 */
export function parseBaseUrl(text: string, provider: ProviderName, environment: Environment): string {
  const url = URL.parse(text.trim());
  if (!url || !url.hostname) {
    const example = baseUrlPresets[provider][environment];
    throw invalidBaseUrlError(createMessage('connection.baseUrlInvalid', { text, example }));
  }
  if (url.username || url.password) throw invalidBaseUrlError(createMessage('connection.baseUrlHasCredentials'));
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw invalidBaseUrlError(createMessage('connection.baseUrlNotHttps', { scheme: url.protocol }));
  }
  if (url.pathname !== '/' || url.search || url.hash)
    throw invalidBaseUrlError(createMessage('connection.baseUrlHasPath'));

  const otherEnvironment = environment === 'production' ? 'sandbox' : 'production';
  const { origin, hostname: host } = url;
  if (origin === baseUrlPresets[provider][otherEnvironment] && origin !== baseUrlPresets[provider][environment]) {
    throw invalidBaseUrlError(
      otherEnvironment === 'production'
        ? createMessage('connection.baseUrlIsProduction', { host })
        : createMessage('connection.baseUrlIsSandbox', { host }),
    );
  }
  return origin;
}

function invalidBaseUrlError(message: Message): AppError {
  return new AppError('base_url_refused', message, { details: { field: 'baseUrl' } });
}
