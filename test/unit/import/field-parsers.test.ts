import { describe, expect, it } from 'vitest';
import { createMessage } from '../../../src-main/contract/index.ts';
import {
  parseAmount,
  parseCurrency,
  parseId,
  parseInstant,
  parseText,
} from '../../../src-main/core/import/field-parsers.ts';
import { columnsKey, guessMapping, parseStatus } from '../../../src-main/core/import/row-parser.ts';

const now = Date.parse('2026-11-20T12:00:00Z');

describe('parseId', () => {
  // Verifies S-10.
  it('an ID with a character that could change a path is refused', () => {
    for (const id of ['../v2/payouts/x', 'ps-1/..', 'a%2fb', 'a?b', 'a#b', 'a.b', 'é'])
      expect(parseId(id), id).toEqual({ ok: false, reason: createMessage('import.idHasForbiddenCharacters') });
    expect(parseId('ps-65f0_A')).toEqual({ ok: true, value: 'ps-65f0_A' });
  });

  it('an ID between spaces or inside a URL is refused and suggested', () => {
    expect(parseId(' ps-65f0 ')).toMatchObject({ ok: false, suggestion: 'ps-65f0' });
    expect(parseId('https://checkout.xendit.co/web/ps-65f0')).toMatchObject({ ok: false, suggestion: 'ps-65f0' });
    expect(parseId('https://payments.flinksapp.com/app/?sessionId=a1b2-c3')).toMatchObject({
      ok: false,
      suggestion: 'a1b2-c3',
    });
    expect(parseId('a b')).toEqual({ ok: false, reason: createMessage('import.idHasSpaces') });
    expect(parseId('')).toMatchObject({ ok: false });
    expect(parseId('a\u200bb')).toMatchObject({ ok: false });
    expect(parseId('x'.repeat(201))).toMatchObject({ ok: false });
    expect(parseId('ps-65f0')).toEqual({ ok: true, value: 'ps-65f0' });
  });
});

describe('parseText', () => {
  // Verifies F-07.
  it('a text with a line break or an invisible character is refused', () => {
    const field = createMessage('import.fieldReference');
    expect(parseText('a\n=1+1', field)).toEqual({
      ok: false,
      reason: createMessage('import.valueHasControlCharacters', { field }),
    });
    expect(parseText(' Order-1\n', field)).toEqual({ ok: true, value: 'Order-1' });
  });
});

describe('parseAmount', () => {
  it('an amount of another format is refused with the values that the other formats give', () => {
    expect(parseAmount('1.234,56', 'plain')).toMatchObject({
      ok: false,
      reason: {
        messageKey: 'import.amountOtherFormat',
        params: { format: '1234.56', otherFormat: '1.234,56', value: '1234.56' },
      },
    });
    expect(parseAmount('1,234', 'plain')).toMatchObject({
      ok: false,
      reason: {
        messageKey: 'import.amountTwoFormats',
        params: {
          format: '1234.56',
          firstFormat: '1.234,56',
          firstValue: '1.234',
          secondFormat: '1,234.56',
          secondValue: '1234',
        },
      },
    });
  });

  it('an amount is read in the selected format', () => {
    const value = (text: string, format: Parameters<typeof parseAmount>[1]) => {
      const result = parseAmount(text, format);
      return result.ok ? result.value : 'refused';
    };
    expect(value('1.234,56', 'comma_decimal')).toBe('1234.56');
    expect(value('1\u00a0234\u202f567,5', 'comma_decimal')).toBe('1234567.5');
    expect(value('1,234.56', 'point_decimal')).toBe('1234.56');
    expect(value('1234.50', 'plain')).toBe('1234.50');
    expect(value('', 'plain')).toBeNull();
    for (const text of ['-5', '$5', '5 CAD', '1e3', '1.2.3', 'NaN', '٣']) expect(value(text, 'plain')).toBe('refused');
    expect(value('1.23,5', 'comma_decimal')).toBe('refused');
  });
});

describe('parseCurrency', () => {
  it('ISO 4217 codes are accepted in upper and lower case, other texts are refused', () => {
    expect(parseCurrency('cad')).toEqual({ ok: true, value: 'CAD' });
    expect(parseCurrency('XYZ')).toMatchObject({ ok: false });
    expect(parseCurrency('€')).toMatchObject({ ok: false });
  });
});

describe('parseInstant', () => {
  it('a time without a zone is refused unless the options name one', () => {
    expect(parseInstant('2026-11-20 09:00', 'refuse', true, now)).toMatchObject({ ok: false });
    expect(parseInstant('2026-11-20 09:00', 'utc', true, now)).toEqual({ ok: true, value: '2026-11-20T09:00:00.000Z' });
    expect(parseInstant('2026-11-20T09:00:00.1234567+0500', 'refuse', true, now)).toEqual({
      ok: true,
      value: '2026-11-20T04:00:00.123Z',
    });
    expect(parseInstant('2026-11-20 09:00', 'machine', true, now)).toEqual({
      ok: true,
      value: new Date('2026-11-20T09:00').toISOString(),
    });
  });

  it('a time that does not exist, has another format or must not be in the future is refused', () => {
    for (const text of [
      '20/11/2026',
      '2026-02-30T10:00Z',
      '2026-11-20T25:00Z',
      '1763632800',
      'yesterday',
      '2026-11-20',
    ]) {
      expect(parseInstant(text, 'utc', false, now), text).toMatchObject({ ok: false });
    }
    expect(parseInstant('2026-11-21T09:00:00Z', 'refuse', true, now)).toMatchObject({ ok: false });
    expect(parseInstant('2026-11-21T09:00:00Z', 'refuse', false, now)).toMatchObject({ ok: true });
  });
});

describe('parseStatus', () => {
  it('the provider’s own status and code come first, then the name of a status of Session Desk', () => {
    expect(parseStatus('flinks', 'Completed', 'EFT0302')).toBe('completed_unfinished');
    expect(parseStatus('flinks', 'Completed', 'EFT0501')).toBe('unknown');
    expect(parseStatus('flinks', 'Initiated', null)).toBe('active');
    expect(parseStatus('xendit', 'CANCELED', null)).toBe('cancelled');
    expect(parseStatus('xendit', 'failed', null)).toBe('failed');
    expect(parseStatus('flinks', 'in progress', null)).toBe('in_progress');
    expect(parseStatus('flinks', 'whatever', null)).toBe('unknown');
  });
});

describe('column mapping', () => {
  it('guessMapping: columns are mapped by the names that exports commonly use', () => {
    expect(
      guessMapping(['Session ID', 'Reference Id', 'Amount', 'Currency', 'Status', 'Created At', 'e-mail']),
    ).toEqual({
      id: 'Session ID',
      reference: 'Reference Id',
      amount: 'Amount',
      currency: 'Currency',
      status: 'Status',
      createdAt: 'Created At',
    });
    expect(guessMapping(['id', 'payment_session_id'])).toEqual({ id: 'payment_session_id' });
    expect(guessMapping(['customer', 'email'])).toEqual({});
  });

  it('columnsKey: is the same for any order and spelling of the names', () => {
    expect(columnsKey(['Session ID', 'amount'])).toBe(columnsKey(['AMOUNT', 'session_id']));
    expect(columnsKey(['a', 'b'])).not.toBe(columnsKey(['a', 'c']));
  });
});
