import { describe, expect, it } from 'vitest';
import { createProviders } from '../../../src-main/core/providers/index.ts';

const { flinks, xendit } = createProviders();

describe('a Xendit key', () => {
  it.each([
    ['xnd_development_abc', 'sandbox', null],
    ['xnd_production_abc', 'production', null],
    ['xnd_development_abc', 'production', /test key.*production/],
    ['xnd_production_abc', 'sandbox', /live key.*sandbox/],
    ['xnd_public_development_abc', 'sandbox', /public key/],
    ['xnd_public_production_abc', 'production', /public key/],
    ['XND_PUBLIC_abc', 'production', /public key/],
    ['sk_live_abc', 'production', /begins with/],
    ['xnd_production_', 'production', /begins with/],
    ['xnd_production_a b', 'production', /a space/],
    ['xnd_production_abc:', 'production', /a colon/],
    ['xnd_production_ü', 'production', /another character/],
  ] as const)('%s for %s', (key, environment, expected) => {
    const objection = xendit.validateSecret(key, environment);
    if (expected === null) expect(objection).toBeNull();
    else expect(objection).toMatch(expected);
    if (key.length > 'xnd_production_'.length) expect(objection ?? '').not.toContain(key);
  });
});

it('a Flinks secret is anything that a header can carry', () => {
  expect(flinks.validateSecret('any+thing/at=all', 'production')).toBeNull();
  expect(flinks.validateSecret('two\nlines', 'sandbox')).toMatch(/line break/);
});

it('warns of an id that does not look like its provider’s', () => {
  expect(flinks.getIdWarning('3f2b8c1e-5a4d-4e6f-9b7a-0c1d2e3f4a5b')).toBeNull();
  expect(flinks.getIdWarning('3F2B8C1E-5A4D-4E6F-9B7A-0C1D2E3F4A5B')).toBeNull();
  expect(flinks.getIdWarning('ps-661f87c614802d6c402cd82d')).toMatch(/UUID/);
  expect(xendit.getIdWarning('ps-661f87c614802d6c402cd82d')).toBeNull();
  // The 28 characters of the payment link in Xendit's own example (contradiction 23).
  expect(xendit.getIdWarning('ps-661f87c614802d6c402cd82d0')).toMatch(/24 characters/);
});

it('tells what each provider can do', () => {
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
