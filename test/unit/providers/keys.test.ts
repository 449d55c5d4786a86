import { describe, expect, it } from 'vitest';
import { createProviders } from '../../../src-main/core/providers/index.ts';

const { flinks, xendit } = createProviders();

describe('validateSecret', () => {
  it.each([
    ['xnd_development_abc', 'sandbox', null],
    ['xnd_production_abc', 'production', null],
    ['xnd_development_abc', 'production', 'provider.xenditKeyTest'],
    ['xnd_production_abc', 'sandbox', 'provider.xenditKeyLive'],
    ['xnd_public_development_abc', 'sandbox', 'provider.xenditKeyPublic'],
    ['xnd_public_production_abc', 'production', 'provider.xenditKeyPublic'],
    ['XND_PUBLIC_abc', 'production', 'provider.xenditKeyPublic'],
    ['sk_live_abc', 'production', 'provider.xenditKeyPrefix'],
    ['xnd_production_', 'production', 'provider.xenditKeyPrefix'],
    ['xnd_production_a b', 'production', 'provider.xenditKeyCharacters'],
    ['xnd_production_abc:', 'production', 'provider.xenditKeyCharacters'],
    ['xnd_production_ü', 'production', 'provider.xenditKeyCharacters'],
  ] as const)('Xendit key: %s in a %s connection gives %s', (key, environment, expected) => {
    const problem = xendit.validateSecret(key, environment);
    expect(problem?.messageKey ?? null).toBe(expected);
    if (key.length > 'xnd_production_'.length) expect(JSON.stringify(problem)).not.toContain(key);
  });

  it('Flinks secret: any text that is a valid header value is accepted', () => {
    expect(flinks.validateSecret('any+thing/at=all', 'production')).toBeNull();
    expect(flinks.validateSecret('two\nlines', 'sandbox')?.messageKey).toBe('provider.flinksSecretCharacters');
  });
});

describe('getIdWarning', () => {
  it('session id: an id without the format of its provider gives a warning', () => {
    expect(flinks.getIdWarning('3f2b8c1e-5a4d-4e6f-9b7a-0c1d2e3f4a5b')).toBeNull();
    expect(flinks.getIdWarning('3F2B8C1E-5A4D-4E6F-9B7A-0C1D2E3F4A5B')).toBeNull();
    expect(flinks.getIdWarning('ps-661f87c614802d6c402cd82d')?.messageKey).toBe('provider.flinksIdUnusual');
    expect(xendit.getIdWarning('ps-661f87c614802d6c402cd82d')).toBeNull();
    // The id in the payment link of Xendit's example has 28 characters (contradiction 23).
    expect(xendit.getIdWarning('ps-661f87c614802d6c402cd82d0')?.messageKey).toBe('provider.xenditIdUnusual');
  });
});

describe('capabilities', () => {
  it('capabilities: each provider declares what it supports', () => {
    expect(flinks.capabilities).toMatchObject({
      canCancel: true,
      canList: false,
      hasExpiry: false,
      idempotencyHeader: null,
      hasEnvironmentInSecret: false,
    });
    expect(xendit.capabilities).toMatchObject({
      canCancel: true,
      canList: false,
      hasExpiry: true,
      subAccountHeader: 'for-user-id',
      hasEnvironmentInSecret: true,
    });
  });
});
