import { describe, expect, it } from 'vitest';
import {
  connectionInputs,
  connectionOptions,
  enteredReason,
  isPlainText,
  maskId,
  plainText,
  reason,
} from '../../../src-main/contract/index.ts';

describe('plain text', () => {
  // Verifies F-07.
  it.each(['a\nb', 'a\r\nb', 'a\tb', 'a\0b', '\u001b[31mred', 'a\u0085b', 'a\u2028b', 'abc\u202Etxt.exe', 'a\u2066b'])(
    'plain text: %j is refused',
    (text) => {
      expect(isPlainText(text)).toBe(false);
      expect(plainText(200).safeParse(text).error?.issues[0]?.message).toBe('validation.textHasControlCharacters');
    },
  );

  it.each(['Order-1 / 7', 'Facture n\u00b0 12 – déjà vu', '👩‍👩‍👧 famille', 'طلب ١٢', '请求 7', '=1+1;x'])(
    'plain text: %j is accepted unchanged',
    (text) => {
      expect(plainText(200).parse(` ${text} `)).toBe(text);
    },
  );

  it('plain text: stored values of an earlier version can still be read, but not entered', () => {
    const options = { provider: 'xendit', forUserId: 'sub\tone' };
    expect(connectionOptions.safeParse(options).success).toBe(true);
    const change = { connectionId: crypto.randomUUID(), name: 'Xendit', options };
    expect(connectionInputs.change.safeParse(change).success).toBe(false);
    expect(reason.safeParse({ category: 'Customer\nasked' }).success).toBe(true);
    expect(enteredReason.safeParse({ category: 'Customer\nasked' }).success).toBe(false);
  });

  it('plain text: a longer text is refused', () => {
    expect(plainText(3).safeParse('abcd').success).toBe(false);
  });
});

describe('maskId', () => {
  it('a session ID loses its middle, so that nobody can use it', () => {
    expect(maskId('86095db9-0a9b-4f63-9d0e-4be0d7a28463')).toBe('86095db9…8463');
    expect(maskId('short')).toBe('sh…');
  });
});
