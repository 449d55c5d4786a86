import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connection, Session } from '../../../src-main/contract/index.ts';
import type { Desk } from '../../../src-main/core/index.ts';
import { connect, openTestDesk, track } from '../../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../../support/spawn-simulator.ts';

const webhookSecret = 'whsec-for-this-test';
const callbackToken = 'callback-token-for-this-test';
let simulator: SpawnedSimulator;
let desk: Desk;
let connections: Record<'flinks' | 'xendit', Connection>;

beforeAll(async () => {
  simulator = await spawnSimulator({ sessions: 300 });
});
afterAll(() => simulator.stop());
beforeEach(async () => {
  desk = await openTestDesk();
  connections = await connect(desk, simulator);
  await desk.handlers['connections.setEventSecret']({
    connectionId: connections.flinks.id,
    secret: webhookSecret,
    keepForThisRun: false,
  });
  await desk.handlers['connections.setEventSecret']({
    connectionId: connections.xendit.id,
    secret: callbackToken,
    keepForThisRun: false,
  });
  return () => desk.close();
});

const later = '2099-01-01T00:00:00.0000000Z';
const flinksBody = (sessionId: string, status: string, statusDetails: string | null, when = later) =>
  JSON.stringify(
    {
      when,
      payload: { sessionId, amount: 65, referenceId: 'Happy1', status, statusDetails },
      type: 'SessionSetupStatusChanged',
    },
    null,
    2,
  );
const signed = (body: string, secret = webhookSecret) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex').toUpperCase()}`;

const fromFlinks = (body: string, signature = signed(body)) =>
  desk.handlers['sessions.applyEvent']({ connectionId: connections.flinks.id, product: 'geft', body, signature });

async function trackActive(): Promise<Session> {
  const session = (await simulator.control('sessions')).find(
    ({ account, connection, state }) => account === 'practice' && connection === 'flinks' && state === 'active',
  );
  if (!session) throw new Error('The simulator has no active session.');
  return await track(desk, connections.flinks, session);
}

describe('a webhook event', () => {
  it('whose signature fits changes the tracked session, and stays in its timeline', async () => {
    const { key, id } = await trackActive();
    expect(await fromFlinks(flinksBody(id, 'Completed', 'EFT0301'))).toMatchObject({
      key,
      status: 'completed',
      rawDetail: 'EFT0301',
    });
    const { timeline } = await desk.handlers['sessions.story']({ sessionKey: key });
    expect(timeline[0]).toMatchObject({ kind: 'event', to: 'completed', when: later });
    expect((await desk.handlers['audit.page']({ before: null, limit: 1 })).rows[0]).toMatchObject({
      action: 'event_applied',
      outcome: 'completed',
      sessionKey: key,
    });
  });

  it('whose signature does not fit changes nothing, and the refusal is on record', async () => {
    const { key, id } = await trackActive();
    const body = flinksBody(id, 'Completed', 'EFT0301');
    for (const signature of [signed(body, 'another secret'), signed(`${body} `), 'sha256=00', 'nonsense']) {
      await expect(fromFlinks(body, signature)).rejects.toMatchObject({
        code: 'event_refused',
        details: { why: 'signature_wrong', field: 'signature' },
      });
    }
    expect((await desk.handlers['sessions.story']({ sessionKey: key })).timeline.map(({ kind }) => kind)).toEqual([
      'tracked',
    ]);
    expect((await desk.handlers['audit.page']({ before: null, limit: 1 })).rows[0]).toMatchObject({
      action: 'event_refused',
      detail: 'signature_wrong',
    });
  });

  it('of a session that is not tracked yet tracks it', async () => {
    const id = crypto.randomUUID();
    expect(await fromFlinks(flinksBody(id, 'Canceled', 'EFT0501'))).toMatchObject({
      id,
      source: 'event',
      status: 'cancelled',
      reference: 'Happy1',
      amount: '65',
    });
  });

  it('from before the last reading is kept but believed no more than the reading', async () => {
    const { key, id } = await trackActive();
    expect(await fromFlinks(flinksBody(id, 'Completed', 'EFT0301', '2020-01-01T00:00:00.1234567Z'))).toMatchObject({
      status: 'active',
    });
    expect((await desk.handlers['sessions.story']({ sessionKey: key })).timeline[0]).toMatchObject({
      kind: 'event',
      to: 'completed',
    });
  });

  it('that comes twice, or late, never brings a final session back to life', async () => {
    const { id } = await trackActive();
    await fromFlinks(flinksBody(id, 'Canceled', 'EFT0501'));
    await fromFlinks(flinksBody(id, 'Canceled', 'EFT0501'));
    expect(await fromFlinks(flinksBody(id, 'Initiated', 'EFT0101'))).toMatchObject({ status: 'cancelled' });
  });

  it('of Xendit is checked by its callback token', async () => {
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
    const apply = (signature: string) =>
      desk.handlers['sessions.applyEvent']({
        connectionId: connections.xendit.id,
        product: 'payment_session',
        body,
        signature,
      });
    await expect(apply('another token')).rejects.toMatchObject({ code: 'event_refused' });
    expect(await apply(callbackToken)).toMatchObject({
      status: 'expired',
      reference: 'INV-1',
      amount: '0',
      source: 'event',
    });
  });

  it('cannot be checked without its secret', async () => {
    const fresh = await openTestDesk();
    const { flinks } = await connect(fresh, simulator);
    const body = flinksBody(crypto.randomUUID(), 'Completed', null);
    await expect(
      fresh.handlers['sessions.applyEvent']({
        connectionId: flinks.id,
        product: 'geft',
        body,
        signature: signed(body),
      }),
    ).rejects.toMatchObject({ code: 'event_secret_missing', message: expect.stringContaining('webhook secret') });
    await fresh.close();
  });
});
