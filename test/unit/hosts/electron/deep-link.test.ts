import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findDeepLink, parseDeepLink } from '../../../../src-main/hosts/electron/deep-link.ts';

// Verifies E-24.
describe('deep link', () => {
  it.each([
    ['session-desk://session/ps-661f87c614802d6c402cd82d', 'ps-661f87c614802d6c402cd82d'],
    ['session-desk://session/Order-18231', 'Order-18231'],
    ['session-desk://session/tagihan%2F2026%2F11%2F42', 'tagihan/2026/11/42'],
    ['session-desk://session/No%20Order%20%C3%A9', 'No Order é'],
  ])('parseDeepLink: %s names %s', (address, target) => {
    expect(parseDeepLink(address)).toBe(target);
  });

  it.each([
    '',
    'Order-18231',
    '--inspect',
    'https://session/Order-1',
    'app://desk/#/sessions',
    'session-desk:',
    'session-desk://',
    'session-desk://session',
    'session-desk://session/',
    'session-desk://session/%20',
    'session-desk://cancel/Order-1',
    'session-desk://session/Order-1/cancel',
    'session-desk://session/Order-1?reason=x',
    'session-desk://session/Order-1#x',
    'session-desk://anna@session/Order-1',
    'session-desk://session:80/Order-1',
    'session-desk://session/%E0%A4%A',
    'session-desk://session/a%0Ab',
    'session-desk://session/a%00',
    'session-desk://session/%E2%80%AEgnp',
    `session-desk://session/${'a'.repeat(201)}`,
    'session-desk:session/Order-1',
    'javascript:session-desk://session/a',
  ])('parseDeepLink: returns null for %s', (address) => {
    expect(parseDeepLink(address)).toBeNull();
  });

  it('parseDeepLink: decodes every reference of visible characters', () => {
    const reference = fc
      .string({ minLength: 1, maxLength: 200, unit: 'grapheme' })
      .filter(
        (text) =>
          text.trim() === text &&
          text !== '' &&
          text.length <= 200 &&
          !/\p{C}/u.test(text) &&
          text.isWellFormed() &&
          text !== '.' &&
          text !== '..',
      );
    fc.assert(
      fc.property(reference, (text) => {
        expect(parseDeepLink(`session-desk://session/${encodeURIComponent(text)}`)).toBe(text);
      }),
    );
  });

  it('findDeepLink: finds the last valid link among program arguments', () => {
    expect(
      findDeepLink(['/opt/electron', '.', '--flag', 'session-desk://session/one', 'session-desk://cancel/two']),
    ).toBe('one');
    expect(findDeepLink(['/opt/electron', 'Order-1'])).toBeNull();
    fc.assert(
      fc.property(fc.array(fc.string()), (args) => {
        expect(findDeepLink(args.filter((text) => !text.includes(':')))).toBeNull();
      }),
    );
  });
});
