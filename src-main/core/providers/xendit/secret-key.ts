/** Xendit's key prefixes (providers.md 2.1): they tell a secret key from a public one, and test from live. */
import type { Environment } from '../../../contract/index.ts';
import { isValidHeaderValue } from '../response-parser.ts';

/** A sentence that says why the key cannot sit in a connection of this environment, or null. Never quotes the key. */
export function validateSecretKey(secret: string, environment: Environment): string | null {
  if (!isValidHeaderValue(secret) || /[\s:]/.test(secret)) {
    return 'The key has a space, a colon or another character that no key has. Copy it again from the dashboard.';
  }
  if (/^xnd_public/i.test(secret)) {
    return 'This is a public key: it cannot cancel anything. Enter the secret key, from the dashboard’s API keys.';
  }
  if (environment === 'production' && /^xnd_development_/i.test(secret)) {
    return 'This is a test key, and the connection is for production. Enter the live key, or choose the sandbox.';
  }
  if (environment === 'sandbox' && /^xnd_production_/i.test(secret)) {
    return 'This is a live key, and the connection is for the sandbox. Enter the test key, or choose production.';
  }
  if (!/^xnd_(development|production)_./i.test(secret)) {
    return 'A Xendit secret key begins with “xnd_development_” or “xnd_production_”. Copy it again from the dashboard.';
  }
  return null;
}
