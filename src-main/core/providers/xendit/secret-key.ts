/** Validates Xendit keys by prefix (providers.md 2.1): secret or public, test or live. */
import { createMessage, type Environment, type Message } from '../../../contract/index.ts';
import { isValidHeaderValue } from '../response-parser.ts';

/** Why the key cannot belong to a connection in this environment, or null. The message never quotes the key. */
export function validateSecretKey(secret: string, environment: Environment): Message | null {
  if (!isValidHeaderValue(secret) || /[\s:]/.test(secret)) {
    return createMessage('provider.xenditKeyCharacters');
  }
  if (/^xnd_public/i.test(secret)) {
    return createMessage('provider.xenditKeyPublic');
  }
  if (environment === 'production' && /^xnd_development_/i.test(secret)) {
    return createMessage('provider.xenditKeyTest');
  }
  if (environment === 'sandbox' && /^xnd_production_/i.test(secret)) {
    return createMessage('provider.xenditKeyLive');
  }
  if (!/^xnd_(development|production)_./i.test(secret)) {
    return createMessage('provider.xenditKeyPrefix');
  }
  return null;
}
