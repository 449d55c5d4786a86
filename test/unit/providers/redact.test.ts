import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectLinearTime } from '../../support/linear-time.ts';
import { redact, safeToken } from '../../../src-main/core/providers/redact.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const hostileParts = ['a', 'a.', '@.', 'a@a', 'a@a.', '1', '1-', 'http://', 'basic ', ' ', 'a-', '0a', 'sk_'];

describe('redact', () => {
  it.each([
    ['Session 3f2b8c1e-5a4d-4e6f-9b7a-0c1d2e3f4a5b cannot be Cancelled', 'Session [id] cannot be Cancelled'],
    ['Session ps-661f87c614802d6c402cd82d is gone', 'Session [id] is gone'],
    ['see https://checkout.xendit.co/sessions/ps-1?x=y now', 'see [link] now'],
    ['pay at xen.to/kGxPCi60 please', 'pay at [link] please'],
    ['mail ines.payer+1@bank.example.com', 'mail [email]'],
    ['got Bearer abc.def-ghi', 'got Bearer [hidden]'],
    ['Basic ZGVzazpzZWNyZXQ= was refused', 'Basic [hidden] was refused'],
    ['key xnd_production_AbC123 is wrong', 'key [hidden] is wrong'],
    ['token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig', 'token [hidden]'],
    ['call +6281234567890', 'call [number]'],
    ['call +62 812-3456-7890 now', 'call [number] now'],
    ['call (514) 555-0199', 'call [number]'],
    ['card 4111 1111 1111 1111 expired', 'card [number] expired'],
    ['card 4111-1111-1111-1111', 'card [number]'],
    ['since 2026-11-21 of 12 500 CAD', 'since 2026-11-21 of 12 500 CAD'],
    ['key sk_live_AbCdEfGhIj was refused', 'key [hidden] was refused'],
    ['key whsec_abcdefgh', 'key [hidden]'],
    ['id AKIAIOSFODNN7EXAMPLE', 'id [hidden]'],
    ['line one\r\n\tline two\u0007\u202e end', 'line one line two end'],
    ['IP 203.0.113.7 is not allowed', 'IP 203.0.113.7 is not allowed'],
    ['INVALID_SESSION_STATUS_OF_THIS_SESSION', 'INVALID_SESSION_STATUS_OF_THIS_SESSION'],
    ['Session status is COMPLETED, expecting ACTIVE', 'Session status is COMPLETED, expecting ACTIVE'],
  ])('redact: “%s” becomes “%s”', (text, expected) => {
    expect(redact(text, [])).toBe(expected);
  });

  // Verifies S-05.
  it('redact: replaces sensitive texts at every position, the longest first', () => {
    expect(redact('a hunter2-secret b hunter2-secretive', ['hunter2-secret', 'hunter2-secretive'])).toBe(
      'a [hidden] b [hidden]',
    );
  });

  it('redact: returns at most 500 characters, or null for a blank text', () => {
    const cut = redact('word '.repeat(1_000), []) ?? '';
    expect([...cut]).toHaveLength(500);
    expect(cut.endsWith('…')).toBe(true);
    expect(nonEmpty([...(redact('😀 '.repeat(1_000), []) ?? '')]).every((character) => /😀| |…/u.test(character))).toBe(
      true,
    );
    expect(redact(' \n ', [])).toBeNull();
  });

  // Verifies S-05.
  it('redact: the result contains no sensitive text, whatever surrounds it', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9+/_-]{8,60}$/);
    const around = fc.string({ maxLength: 600 });
    fc.assert(
      fc.property(secret, around, around, (sensitiveText, before, after) => {
        expect(redact(`${before}${sensitiveText}${after}`, [sensitiveText]) ?? '').not.toContain(sensitiveText);
      }),
      { numRuns: 2_000 },
    );
  });

  // Verifies S-09.
  it.each(hostileParts)('redact: the time grows linearly with a text of %j', (part) => {
    expectLinearTime((length) => redact(part.repeat(length / part.length), []));
  });
});

describe('safeToken', () => {
  it('safeToken: returns a short text unchanged, or null', () => {
    expect(safeToken(' req-1 ', [])).toBe('req-1');
    for (const value of ['', ' ', 'a\nb', 'x'.repeat(129), 42, null, undefined, {}]) {
      expect(safeToken(value, [])).toBeNull();
    }
    expect(safeToken('has-s3cret-in', ['s3cret'])).toBeNull();
  });
});
