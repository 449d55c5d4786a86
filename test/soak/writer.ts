/** `writer.ts FOLDER` writes until it is killed. It prints one line per acknowledged write. */
import { writeSync } from 'node:fs';
import type { Store } from '../../src-main/core/store/index.ts';
import { openAuditLog } from './audit-log.ts';

/** A write that the store has acknowledged. */
export type Acknowledgement =
  | { readonly kind: 'ready' }
  | { readonly kind: 'record'; readonly detail: string }
  | { readonly kind: 'session'; readonly id: string }
  | { readonly kind: 'cancellation'; readonly id: string; readonly state: 'intended' | 'sent' | 'cancelled' };

const writerCount = 8;
const now = new Date().toISOString();
const [folder] = process.argv.slice(2);
if (!folder) throw new Error('Usage: writer.ts FOLDER');

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

async function writeForever(store: Store): Promise<never> {
  for (;;) {
    const detail = crypto.randomUUID();
    await store.run('appendAudit', { action: 'session_checked', detail: { kind: 'text', text: detail } });
    acknowledge({ kind: 'record', detail });
    const [session] = await store.run('trackSessions', {
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
    await cancel(store, session.key);
  }
}

async function cancel(store: Store, sessionKey: number): Promise<void> {
  const id = crypto.randomUUID();
  await store.run('insertIntent', {
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
  await store.run('changeCancellation', {
    id,
    changes: { state: 'sent', calls: 1 },
    reading: null,
    audit: { action: 'cancel_sent', sessionKey, cancellationId: id },
  });
  acknowledge({ kind: 'cancellation', id, state: 'sent' });
  await store.run('changeCancellation', {
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

/** Writes synchronously, because buffered output is lost when the process is killed. */
function acknowledge(acknowledgement: Acknowledgement): void {
  let remaining = Buffer.from(`${JSON.stringify(acknowledgement)}\n`);
  while (remaining.length > 0) remaining = remaining.subarray(tryWrite(remaining));
}

/** Returns the number of bytes written, 0 if the pipe is full. */
function tryWrite(bytes: Buffer): number {
  try {
    return writeSync(1, bytes);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
    throw error;
  }
}
