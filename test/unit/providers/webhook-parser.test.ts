import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWebhookEvent } from '../../../src-main/core/providers/index.ts';

const secret = 'webhook-secret-of-the-sandbox';
const sessionId = '3f2b8c1e-5a4d-4e6f-9b7a-0c1d2e3f4a5b';
const bytesOf = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const hmac = (bytes: Uint8Array) => createHmac('sha256', secret).update(bytes).digest('hex');

const flinksEvent = (payload: Record<string, unknown> = {}, type = 'SessionSetupStatusChanged') => ({
  when: '2026-11-20T14:36:48.6078123Z',
  type,
  payload: { sessionId, amount: 65, referenceId: 'ORDER-88', status: 'Canceled', statusDetails: 'EFT0501', ...payload },
});
const readFlinksEvent = (bytes: Uint8Array, signature: string) =>
  parseWebhookEvent('flinks', { bytes, signature, secret });

describe('parseWebhookEvent for Flinks', () => {
  it.each([
    ['in upper case', (hex: string) => `sha256=${hex.toUpperCase()}`],
    ['in lower case', (hex: string) => `sha256=${hex}`],
    ['without its prefix', (hex: string) => hex],
    ['with surrounding white space', (hex: string) => ` sha256=${hex}\n`],
  ])('Flinks event: accepts the signature %s', (_name, formatSignature) => {
    const bytes = bytesOf(flinksEvent());
    expect(readFlinksEvent(bytes, formatSignature(hmac(bytes)))).toEqual({
      kind: 'event',
      sessionId,
      occurredAt: '2026-11-20T14:36:48.6078123Z',
      session: expect.objectContaining({
        status: 'cancelled',
        isFinal: true,
        rawStatus: 'Canceled',
        rawDetail: 'EFT0501',
        amount: '65',
        reference: 'ORDER-88',
      }) as unknown,
    });
  });

  it('Flinks event: refuses a body with one changed byte', () => {
    const bytes = bytesOf(flinksEvent());
    const signature = hmac(bytes);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (position, mask) => {
        const altered = Uint8Array.from(bytes, (byte, index) => (index === position ? byte ^ mask : byte));
        expect(readFlinksEvent(altered, signature)).toMatchObject({
          kind: 'refused',
          rejectionCode: 'signature_wrong',
        });
      }),
    );
    expect(readFlinksEvent(Buffer.concat([bytes, Buffer.from('\n')]), signature)).toMatchObject({ kind: 'refused' });
  });

  it.each(['', 'sha256=', 'sha256=00', 'sha1=abc', 'x'.repeat(64), '0'.repeat(64)])(
    'Flinks event: refuses the signature “%s”',
    (signature) => {
      expect(readFlinksEvent(bytesOf(flinksEvent()), signature)).toMatchObject({
        kind: 'refused',
        rejectionCode: 'signature_wrong',
      });
    },
  );

  it('Flinks event: refuses a signature with an empty secret', () => {
    const bytes = bytesOf(flinksEvent());
    const signature = createHmac('sha256', '').update(bytes).digest('hex');
    expect(parseWebhookEvent('flinks', { bytes, signature, secret: '' })).toMatchObject({
      kind: 'refused',
      rejectionCode: 'signature_wrong',
    });
  });

  it.each([
    ['of another type', flinksEvent({}, 'GuaranteeDecided'), 'not_a_session_event'],
    ['without a session', flinksEvent({ sessionId: null }), 'body_unreadable'],
    ['without a status', flinksEvent({ status: null, statusDetails: null }), 'body_unreadable'],
    ['that is not JSON', '{"type":', 'body_unreadable'],
    ['that is an array', [flinksEvent()], 'body_unreadable'],
  ])('Flinks event: refuses a signed event %s', (_name, value, rejectionCode) => {
    const bytes = bytesOf(value);
    expect(readFlinksEvent(bytes, hmac(bytes))).toMatchObject({ kind: 'refused', rejectionCode });
  });
});

describe('parseWebhookEvent for Xendit', () => {
  const event = (name: string, data: Record<string, unknown> = {}) => ({
    event: name,
    business_id: 'b',
    created: '2026-11-20T14:36:48.607812Z',
    data: {
      payment_session_id: 'ps-5e1f00ab12cd34ef56ab78cd',
      status: 'COMPLETED',
      reference_id: 'INV-1',
      amount: 1000,
      currency: 'IDR',
      ...data,
    },
  });
  const readXenditEvent = (value: unknown, signature = secret) =>
    parseWebhookEvent('xendit', { bytes: bytesOf(value), signature, secret });

  it.each([
    ['completed', 'COMPLETED', 'completed'],
    ['expired', 'EXPIRED', 'expired'],
    ['canceled', 'CANCELED', 'cancelled'],
  ])('Xendit event: accepts payment_session.%s with its token', (name, rawStatus, status) => {
    expect(readXenditEvent(event(`payment_session.${name}`, { status: rawStatus }))).toMatchObject({
      kind: 'event',
      sessionId: 'ps-5e1f00ab12cd34ef56ab78cd',
      occurredAt: '2026-11-20T14:36:48.607812Z',
      session: {
        status,
        rawStatus,
        amount: '1000',
      },
    });
  });

  it.each(['', 'wrong', `${secret}x`, secret.slice(0, -1), secret.toUpperCase()])(
    'Xendit event: refuses the token “%s”',
    (token) => {
      expect(readXenditEvent(event('payment_session.completed'), token)).toMatchObject({
        kind: 'refused',
        rejectionCode: 'signature_wrong',
      });
    },
  );

  it('Xendit event: refuses another type and a body without a session', () => {
    expect(readXenditEvent(event('payment.succeeded'))).toMatchObject({
      kind: 'refused',
      rejectionCode: 'not_a_session_event',
    });
    expect(readXenditEvent({ event: 'payment_session.completed', data: null })).toMatchObject({
      kind: 'refused',
      rejectionCode: 'body_unreadable',
    });
    expect(readXenditEvent(event('payment_session.completed', { status: 7 }))).toMatchObject({
      kind: 'refused',
      rejectionCode: 'body_unreadable',
    });
  });
});

describe('messages of refused events', () => {
  it.each([
    ['flinks', 'a wrong signature', bytesOf({}), 'wrong', 'provider.flinksSignatureWrong', {}],
    ['xendit', 'a wrong token', bytesOf({}), 'wrong', 'provider.xenditSignatureWrong', {}],
    ['xendit', 'an unreadable body', bytesOf('{'), secret, 'provider.eventUnreadable', {}],
    ['xendit', 'another type', bytesOf({}), secret, 'provider.eventNotSupported', { type: 'payment_session.*' }],
  ] as const)(
    'message: %s event with %s has its key and does not quote the secret',
    (provider, _name, bytes, signature, messageKey, params) => {
      const result = parseWebhookEvent(provider, { bytes, signature, secret });
      expect(JSON.stringify(result)).not.toContain(secret);
      expect(result).toMatchObject({ message: { messageKey, params } });
    },
  );
});
