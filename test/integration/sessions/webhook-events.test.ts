import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connection, Session } from '../../../src-main/contract/index.ts';
import type { App } from '../../../src-main/core/index.ts';
import { addConnections, openTestApp, trackSession } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';

const webhookSecret = 'whsec-for-this-test';
const callbackToken = 'callback-token-for-this-test';
let simulator: SpawnedSimulator;
let app: App;
let connections: Record<'flinks' | 'xendit', Connection>;

beforeAll(async () => {
  simulator = await spawnSimulator({ sessionCount: 300 });
});
afterAll(() => simulator.stop());
beforeEach(async () => {
  app = await openTestApp();
  connections = await addConnections(app, simulator);
  await app.handlers['connections.setWebhookSecret']({
    connectionId: connections.flinks.id,
    secret: webhookSecret,
    allowInMemory: false,
  });
  await app.handlers['connections.setWebhookSecret']({
    connectionId: connections.xendit.id,
    secret: callbackToken,
    allowInMemory: false,
  });
  return () => app.close();
});

const futureTimestamp = '2099-01-01T00:00:00.0000000Z';
const flinksBody = (sessionId: string, status: string, statusDetails: string | null, when = futureTimestamp) =>
  JSON.stringify(
    {
      when,
      payload: { sessionId, amount: 65, referenceId: 'Happy1', status, statusDetails },
      type: 'SessionSetupStatusChanged',
    },
    null,
    2,
  );
const signatureOf = (body: string, secret = webhookSecret) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex').toUpperCase()}`;

const submitFlinksEvent = (body: string, signature = signatureOf(body)) =>
  app.handlers['sessions.applyWebhookEvent']({ connectionId: connections.flinks.id, product: 'geft', body, signature });

async function trackActiveSession(): Promise<Session> {
  const session = (await simulator.control('listSessions')).find(
    ({ account, connection, state }) => account === 'practice' && connection === 'flinks' && state === 'active',
  );
  if (!session) throw new Error('The simulator has no active session.');
  return await trackSession(app, connections.flinks, session);
}

describe('applyWebhookEvent', () => {
  it('valid signature: the event changes the tracked session and is in its timeline', async () => {
    const { key: sessionKey, id } = await trackActiveSession();
    expect(await submitFlinksEvent(flinksBody(id, 'Completed', 'EFT0301'))).toMatchObject({
      key: sessionKey,
      status: 'completed',
      rawDetail: 'EFT0301',
    });
    const { timeline } = await app.handlers['sessions.getDetails']({ sessionKey });
    expect(timeline[0]).toMatchObject({ kind: 'event', to: 'completed', providerTime: futureTimestamp });
    expect((await app.handlers['audit.list']({ before: null, limit: 1 })).rows[0]).toMatchObject({
      action: 'event_applied',
      outcome: 'completed',
      sessionKey,
    });
  });

  it('invalid signature: the event changes nothing and its rejection is recorded in the audit log', async () => {
    const { key: sessionKey, id } = await trackActiveSession();
    const body = flinksBody(id, 'Completed', 'EFT0301');
    for (const signature of [signatureOf(body, 'another secret'), signatureOf(`${body} `), 'sha256=00', 'nonsense']) {
      await expect(submitFlinksEvent(body, signature)).rejects.toMatchObject({
        code: 'webhook_event_rejected',
        details: { why: 'signature_wrong', field: 'signature' },
      });
    }
    expect((await app.handlers['sessions.getDetails']({ sessionKey })).timeline.map(({ kind }) => kind)).toEqual([
      'tracked',
    ]);
    expect((await app.handlers['audit.list']({ before: null, limit: 1 })).rows[0]).toMatchObject({
      action: 'event_refused',
      detail: { kind: 'code', code: 'signature_wrong' },
    });
  });

  it('untracked session: the event tracks it', async () => {
    const id = crypto.randomUUID();
    expect(await submitFlinksEvent(flinksBody(id, 'Canceled', 'EFT0501'))).toMatchObject({
      id,
      source: 'event',
      status: 'cancelled',
      reference: 'Happy1',
      amount: '65',
    });
  });

  it('event older than the last read: is in the timeline and does not change the status', async () => {
    const { key: sessionKey, id } = await trackActiveSession();
    expect(
      await submitFlinksEvent(flinksBody(id, 'Completed', 'EFT0301', '2020-01-01T00:00:00.1234567Z')),
    ).toMatchObject({
      status: 'active',
    });
    expect((await app.handlers['sessions.getDetails']({ sessionKey })).timeline[0]).toMatchObject({
      kind: 'event',
      to: 'completed',
    });
  });

  it('repeated or late event: does not change a final status', async () => {
    const { id } = await trackActiveSession();
    await submitFlinksEvent(flinksBody(id, 'Canceled', 'EFT0501'));
    await submitFlinksEvent(flinksBody(id, 'Canceled', 'EFT0501'));
    expect(await submitFlinksEvent(flinksBody(id, 'Initiated', 'EFT0101'))).toMatchObject({ status: 'cancelled' });
  });

  it('Xendit: the event is verified with the callback token', async () => {
    const body = JSON.stringify({
      event: 'payment_session.expired',
      business_id: 'b',
      created: '2099-01-01T00:00:00Z',
      data: {
        payment_session_id: 'ps-661f5e5c1ea3b6f1c2d3e4f5',
        status: 'EXPIRED',
        reference_id: 'INV-1',
        amount: '0',
        currency: 'IDR',
      },
    });
    const submit = (signature: string) =>
      app.handlers['sessions.applyWebhookEvent']({
        connectionId: connections.xendit.id,
        product: 'payment_session',
        body,
        signature,
      });
    await expect(submit('another token')).rejects.toMatchObject({ code: 'webhook_event_rejected' });
    expect(await submit(callbackToken)).toMatchObject({
      status: 'expired',
      reference: 'INV-1',
      amount: '0',
      source: 'event',
    });
  });

  it('no webhook secret: the event is refused with webhook_secret_missing', async () => {
    const newApp = await openTestApp();
    const { flinks } = await addConnections(newApp, simulator);
    const body = flinksBody(crypto.randomUUID(), 'Completed', null);
    await expect(
      newApp.handlers['sessions.applyWebhookEvent']({
        connectionId: flinks.id,
        product: 'geft',
        body,
        signature: signatureOf(body),
      }),
    ).rejects.toMatchObject({ code: 'webhook_secret_missing' });
    await newApp.close();
  });
});
