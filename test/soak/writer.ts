/** Writes without end until it is killed: `writer.ts FOLDER`. One line on standard output for each answer it was given. */
import { writeSync } from 'node:fs';
import type { Store } from '../../src-main/core/store/index.ts';
import { openAuditLog } from './audit-log.ts';

/** What an answer promised. */
export type Acknowledgement =
  | { readonly kind: 'ready' }
  | { readonly kind: 'record'; readonly detail: string }
  | { readonly kind: 'session'; readonly id: string }
  | { readonly kind: 'cancellation'; readonly id: string; readonly state: 'intended' | 'sent' | 'cancelled' };

const writerCount = 8;
const now = new Date().toISOString();
const [folder] = process.argv.slice(2);
if (!folder) throw new Error('Name the folder.');

const { store } = await openAuditLog(folder);
await store.run('putConnection', {
  row: {
    id: 'c1',
    provider: 'flinks',
    name: 'soak',
    environment: 'sandbox',
    baseUrl: 'https://example.test',
    options: '{}',
    secretPlace: 'memory',
    secretLastFour: '',
    secretStoredAt: now,
    eventSecretPlace: null,
    locked: 0,
    createdAt: now,
  },
  audit: null,
});
acknowledge({ kind: 'ready' });
await Promise.all(Array.from({ length: writerCount }, () => writeForever(store)));

async function writeForever(to: Store): Promise<never> {
  for (;;) {
    const detail = crypto.randomUUID();
    await to.run('appendAudit', { action: 'session_checked', detail });
    acknowledge({ kind: 'record', detail });
    const [session] = await to.run('trackSessions', {
      sessions: [
        {
          connectionId: 'c1',
          product: 'geft',
          id: crypto.randomUUID(),
          reference: null,
          amount: null,
          currency: null,
          status: 'active',
          rawStatus: null,
          rawDetail: null,
          source: 'added',
          subAccount: null,
          createdAt: null,
          expiresAt: null,
          firstSeenAt: now,
          lastCheckedAt: null,
        },
      ],
      audit: { action: 'session_added' },
    });
    if (!session) throw new Error('The session was not tracked.');
    acknowledge({ kind: 'session', id: session.id });
    await cancel(to, session.key);
  }
}

async function cancel(to: Store, sessionKey: number): Promise<void> {
  const id = crypto.randomUUID();
  await to.run('insertIntent', {
    row: {
      id,
      sessionKey,
      state: 'intended',
      cause: null,
      foundStatus: null,
      confirmedBy: null,
      paymentInFlight: 0,
      operator: 'olivia',
      reasonCategory: 'soak',
      reasonNote: '',
      calls: 0,
      unclearCalls: 0,
      httpStatus: null,
      providerCode: null,
      providerMessage: null,
      requestId: null,
      requestedAt: now,
      settledAt: null,
    },
    audit: { action: 'cancel_intended', sessionKey, cancellationId: id },
  });
  acknowledge({ kind: 'cancellation', id, state: 'intended' });
  await to.run('changeCancellation', {
    id,
    changes: { state: 'sent', calls: 1 },
    reading: null,
    audit: { action: 'cancel_sent', sessionKey, cancellationId: id },
  });
  acknowledge({ kind: 'cancellation', id, state: 'sent' });
  await to.run('changeCancellation', {
    id,
    changes: { state: 'cancelled', settledAt: now },
    reading: {
      sessionKey,
      readAt: now,
      reading: {
        status: 'cancelled',
        rawStatus: 'Canceled',
        rawDetail: null,
        reference: null,
        amount: null,
        currency: null,
        createdAt: null,
        expiresAt: null,
      },
    },
    audit: { action: 'cancel_settled', sessionKey, cancellationId: id, outcome: 'cancelled' },
  });
  acknowledge({ kind: 'cancellation', id, state: 'cancelled' });
}

/** At once and in full: what is buffered would die with the process. */
function acknowledge(what: Acknowledgement): void {
  let rest = Buffer.from(`${JSON.stringify(what)}\n`);
  while (rest.length > 0) rest = rest.subarray(tryWrite(rest));
}

/** 0 while whoever reads is busy. */
function tryWrite(bytes: Buffer): number {
  try {
    return writeSync(1, bytes);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
    throw error;
  }
}
