import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterCancel,
  afterRead,
  backoffMs,
  budget,
  type Progress,
  type Step,
} from '../../../src-main/core/cancellation/decide.ts';
import type { CancelAnswer, FoundSession, ReadAnswer } from '../../../src-main/core/providers/index.ts';
import type { SessionStatus } from '../../../src-main/contract/index.ts';

const evidence = { httpStatus: 200, providerCode: null, providerMessage: null, requestId: null, durationMs: 1 };

function found(status: SessionStatus): FoundSession {
  return {
    status,
    rawStatus: status,
    rawDetail: null,
    reference: null,
    amount: null,
    currency: null,
    createdAt: null,
    expiresAt: null,
    final: ['completed', 'failed', 'cancelled', 'expired'].includes(status),
    paymentInFlight: false,
  };
}

/** What one request meets: whether it takes effect, and whether its answer arrives. */
const cancelFate = fc.constantFrom(
  'clean',
  'lost_before',
  'lost_after',
  'server_error',
  'throttled',
  'not_sent',
  'refused',
  'not_found',
);
const readFate = fc.constantFrom(
  'clean',
  'clean',
  'clean',
  'unreadable',
  'strange',
  'not_sent',
  'throttled',
  'refused',
);
type CancelFate = typeof cancelFate extends fc.Arbitrary<infer Fate> ? Fate : never;
type ReadFate = typeof readFate extends fc.Arbitrary<infer Fate> ? Fate : never;

interface Truth {
  status: SessionStatus;
  cancelledByUs: boolean;
}

function cancelAt(truth: Truth, fate: CancelFate): CancelAnswer {
  const takesEffect = fate === 'clean' || fate === 'lost_after';
  const wasActive = truth.status === 'active';
  if (takesEffect && wasActive) Object.assign(truth, { status: 'cancelled', cancelledByUs: true });
  switch (fate) {
    case 'clean':
      return wasActive ? { kind: 'cancelled', session: found('cancelled'), evidence } : { kind: 'final', evidence };
    case 'lost_before':
    case 'lost_after':
      return { kind: 'unclear', cause: 'connection_lost', evidence };
    case 'server_error':
      return { kind: 'unclear', cause: 'server_error', evidence };
    case 'throttled':
      return { kind: 'throttled', cause: 'throttled', waitMs: 1_000, evidence };
    case 'not_sent':
      return { kind: 'not_sent', cause: 'connect_failed', evidence };
    case 'refused':
      return { kind: 'refused', cause: 'forbidden', evidence };
    case 'not_found':
      return { kind: 'not_found', cause: null, evidence };
  }
}

function readAt(truth: Truth, fate: ReadFate): ReadAnswer {
  switch (fate) {
    case 'clean':
      return { kind: 'found', session: found(truth.status), evidence };
    case 'strange':
      return { kind: 'found', session: found('unknown'), evidence };
    case 'unreadable':
      return { kind: 'unreadable', cause: 'answer_unreadable', evidence };
    case 'not_sent':
      return { kind: 'not_sent', cause: 'connect_failed', evidence };
    case 'throttled':
      return { kind: 'throttled', cause: 'throttled', waitMs: 1_000, evidence };
    case 'refused':
      return { kind: 'refused', cause: 'forbidden', evidence };
  }
}

/** Carries one cancellation through the model, the way `drive` does it over a network. */
function live(start: SessionStatus, cancels: CancelFate[], reads: ReadFate[], maySend: boolean, unclearBefore: number) {
  const truth: Truth = { status: start, cancelledByUs: false };
  const steps: string[] = [];
  let progress: Progress = { calls: 0, reads: 0, last: null, unclearCalls: unclearBefore, maySend };
  let step: Step = { do: maySend && unclearBefore === 0 ? 'send' : 'read', afterMs: 0 };
  let lastRead: ReadAnswer | null = null;
  while (step.do !== 'settle') {
    if (steps.length > 30) throw new Error(`It does not end: ${steps.join(' ')}`);
    if (step.do === 'send') {
      const last = cancelAt(truth, cancels[progress.calls] ?? 'clean');
      steps.push(`send:${last.kind}`);
      progress = {
        ...progress,
        calls: progress.calls + 1,
        reads: 0,
        last,
        unclearCalls: progress.unclearCalls + Number(last.kind === 'unclear'),
      };
      step = afterCancel(last, progress, () => 0.5);
    } else {
      lastRead = readAt(truth, reads[steps.length] ?? 'clean');
      steps.push(`read:${lastRead.kind}`);
      progress = { ...progress, reads: progress.reads + 1 };
      step = afterRead(lastRead, progress, () => 0.5);
    }
  }
  return { truth, steps, progress, lastRead, settled: step };
}

const lives = fc.record({
  start: fc.constantFrom<SessionStatus>(
    'active',
    'completed',
    'cancelled',
    'expired',
    'in_progress',
    'completed_unfinished',
  ),
  cancels: fc.array(cancelFate, { maxLength: 4 }),
  reads: fc.array(readFate, { maxLength: 20 }),
  maySend: fc.boolean(),
});

describe('the life of a cancellation', () => {
  it('says cancelled only of a session that is, and by us only if it was us', () => {
    fc.assert(
      fc.property(lives, ({ start, cancels, reads, maySend }) => {
        const { truth, settled } = live(start, cancels, reads, maySend, 0);
        if (settled.state === 'cancelled') expect(truth).toMatchObject({ status: 'cancelled' });
        if (settled.state === 'cancelled' && start === 'active') expect(truth.cancelledByUs).toBe(true);
        if (settled.state === 'already_final') expect(settled.foundStatus).toBe(truth.status);
        if (settled.state === 'not_sent') expect(truth.cancelledByUs).toBe(false);
        if (settled.state === 'still_active') expect(truth.cancelledByUs).toBe(false);
      }),
      { numRuns: 5_000 },
    );
  });

  it('never asks again after a call that may have had effect without reading the session in between', () => {
    fc.assert(
      fc.property(lives, ({ start, cancels, reads, maySend }) => {
        const { steps } = live(start, cancels, reads, maySend, 0);
        steps.forEach((step, index) => {
          if (step.startsWith('send:') && steps[index - 1]?.startsWith('send:')) {
            expect(['send:throttled', 'send:not_sent']).toContain(steps[index - 1]);
          }
        });
      }),
      { numRuns: 5_000 },
    );
  });

  it('leaves unknown only what could not be read', () => {
    fc.assert(
      fc.property(lives, ({ start, cancels, reads, maySend }) => {
        const { settled, lastRead } = live(start, cancels, reads, maySend, 0);
        if (settled.state === 'unknown' && lastRead?.kind === 'found') expect(lastRead.session.status).toBe('unknown');
      }),
      { numRuns: 5_000 },
    );
  });

  it('stays within its budget', () => {
    fc.assert(
      fc.property(lives, ({ start, cancels, reads, maySend }) => {
        const { progress } = live(start, cancels, reads, maySend, 0);
        expect(progress.calls).toBeLessThanOrEqual(budget.calls);
        expect(progress.reads).toBeLessThanOrEqual(budget.reads);
      }),
    );
  });

  it('sends nothing where it may not', () => {
    fc.assert(
      fc.property(lives, ({ start, cancels, reads }) => {
        expect(live(start, cancels, reads, false, 1).steps.filter((step) => step.startsWith('send'))).toEqual([]);
      }),
    );
  });

  it('takes a session found cancelled after our own unanswered call for cancelled by read-back', () => {
    const { settled } = live('active', ['lost_after'], [], true, 0);
    expect(settled).toMatchObject({ state: 'cancelled', confirmedBy: 'read_back' });
  });

  it('takes a session found cancelled before any call of ours for already final', () => {
    expect(live('cancelled', ['clean'], [], true, 0).settled).toMatchObject({
      state: 'already_final',
      foundStatus: 'cancelled',
    });
  });

  it('credits an earlier run with the cancellation it never heard the answer of', () => {
    expect(live('cancelled', [], [], false, 1).settled).toMatchObject({ state: 'cancelled', confirmedBy: 'read_back' });
  });

  it('asks again after a lost call that had no effect, and says so', () => {
    const { settled, steps } = live('active', ['lost_before', 'clean'], [], true, 0);
    expect(steps).toEqual(['send:unclear', 'read:found', 'send:cancelled']);
    expect(settled).toMatchObject({ state: 'cancelled', confirmedBy: 'answer' });
  });

  it('does not take a 404 that may be the endpoint for a session that is gone', () => {
    const last: CancelAnswer = { kind: 'not_found', cause: 'endpoint_off', evidence };
    const progress: Progress = { calls: 1, reads: 0, last, unclearCalls: 0, maySend: true };
    expect(afterCancel(last, progress, () => 0)).toEqual({ do: 'read', afterMs: 0 });
    const read: ReadAnswer = { kind: 'found', session: found('active'), evidence };
    expect(afterRead(read, { ...progress, reads: 1 }, () => 0)).toMatchObject({
      state: 'refused',
      cause: 'endpoint_off',
    });
  });

  it('waits as long as a throttling provider says, unless that is beyond patience', () => {
    const throttled = (waitMs: number): CancelAnswer => ({ kind: 'throttled', cause: 'throttled', waitMs, evidence });
    const progress = (last: CancelAnswer): Progress => ({ calls: 1, reads: 0, last, unclearCalls: 0, maySend: true });
    expect(afterCancel(throttled(58_370), progress(throttled(58_370)), () => 0)).toEqual({
      do: 'send',
      afterMs: 58_370,
    });
    expect(afterCancel(throttled(61_000), progress(throttled(61_000)), () => 0)).toMatchObject({
      state: 'refused',
      cause: 'throttled',
    });
  });

  it('backs off with full jitter below a doubling ceiling', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, drawn) => {
        const wait = backoffMs(attempt, () => drawn);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(Math.min(8_000, 500 * 2 ** (attempt - 1)));
      }),
    );
  });
});
