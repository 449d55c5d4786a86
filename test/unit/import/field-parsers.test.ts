import { describe, expect, it } from 'vitest';
import { parseAmount, parseCurrency, parseId, parseInstant } from '../../../src-main/core/import/field-parsers.ts';
import { columnsKey, guessMapping } from '../../../src-main/core/import/column-mapping.ts';
import { parseStatus } from '../../../src-main/core/import/row-parser.ts';

const now = Date.parse('2026-11-20T12:00:00Z');

describe('an id', () => {
  it('between spaces or inside a URL is offered and not taken', () => {
    expect(parseId(' ps-65f0 ')).toMatchObject({ ok: false, suggestion: 'ps-65f0' });
    expect(parseId('https://checkout.xendit.co/web/ps-65f0')).toMatchObject({ ok: false, suggestion: 'ps-65f0' });
    expect(parseId('https://payments.flinksapp.com/app/?sessionId=a1b2-c3')).toMatchObject({
      ok: false,
      suggestion: 'a1b2-c3',
    });
    expect(parseId('a b')).toEqual({ ok: false, message: 'The session id has spaces in it. Write the id alone.' });
    expect(parseId('')).toMatchObject({ ok: false });
    expect(parseId('a\u200bb')).toMatchObject({ ok: false });
    expect(parseId('x'.repeat(201))).toMatchObject({ ok: false });
    expect(parseId('ps-65f0')).toEqual({ ok: true, value: 'ps-65f0' });
  });
});

describe('an amount', () => {
  it('with two readings is refused with the reading it would need', () => {
    const cell = parseAmount('1.234,56', 'plain');
    expect(cell).toMatchObject({ ok: false });
    expect(cell.ok || cell.message).toContain('1234.56 if amounts are written with a decimal comma');
    const other = parseAmount('1,234', 'plain');
    expect(other.ok || other.message).toMatch(/1\.234 if .* decimal comma, or 1234 if .* decimal point/);
  });

  it('is read as the operator says amounts are written', () => {
    const value = (text: string, form: Parameters<typeof parseAmount>[1]) => {
      const cell = parseAmount(text, form);
      return cell.ok ? cell.value : 'refused';
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

describe('a currency', () => {
  it('is one of ISO 4217, in either case', () => {
    expect(parseCurrency('cad')).toEqual({ ok: true, value: 'CAD' });
    expect(parseCurrency('XYZ')).toMatchObject({ ok: false });
    expect(parseCurrency('€')).toMatchObject({ ok: false });
  });
});

describe('a time', () => {
  it('needs a zone unless the operator says which is meant', () => {
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

  it('that cannot be, or lies ahead where it cannot, is refused', () => {
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

describe('a status', () => {
  it('is first the provider’s own word with its code, then the console’s', () => {
    expect(parseStatus('flinks', 'Completed', 'EFT0302')).toBe('completed_unfinished');
    expect(parseStatus('flinks', 'Completed', 'EFT0501')).toBe('unknown');
    expect(parseStatus('flinks', 'Initiated', null)).toBe('active');
    expect(parseStatus('xendit', 'CANCELED', null)).toBe('cancelled');
    expect(parseStatus('xendit', 'failed', null)).toBe('failed');
    expect(parseStatus('flinks', 'in progress', null)).toBe('in_progress');
    expect(parseStatus('flinks', 'whatever', null)).toBe('unknown');
  });
});

describe('columns', () => {
  it('are mapped by the names that exports use', () => {
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

  it('are remembered by their names in any order and spelling', () => {
    expect(columnsKey(['Session ID', 'amount'])).toBe(columnsKey(['AMOUNT', 'session_id']));
    expect(columnsKey(['a', 'b'])).not.toBe(columnsKey(['a', 'c']));
  });
});
