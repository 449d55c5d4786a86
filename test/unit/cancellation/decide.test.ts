import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideAfterCancel,
  decideAfterRead,
  computeBackoffMs,
  attemptLimits,
  type CancellationProgress,
  type Step,
} from '../../../src-main/core/cancellation/decide.ts';
import type { CancelResult, ProviderSession, ReadResult } from '../../../src-main/core/providers/index.ts';
import type { SessionStatus } from '../../../src-main/contract/index.ts';

const evidence = { httpStatus: 200, providerCode: null, providerMessage: null, requestId: null, durationMs: 1 };

function foundSession(status: SessionStatus): ProviderSession {
  return {
    status,
    rawStatus: status,
    rawDetail: null,
    reference: null,
    amount: null,
    currency: null,
    createdAt: null,
    expiresAt: null,
    isFinal: ['completed', 'failed', 'cancelled', 'expired'].includes(status),
    paymentInFlight: false,
  };
}

/** What one request meets: whether it takes effect, and whether its answer arrives. */
const arbitraryCancelFault = fc.constantFrom(
  'clean',
  'lost_before',
  'lost_after',
  'server_error',
  'throttled',
  'not_sent',
  'refused',
  'not_found',
);
const arbitraryReadFault = fc.constantFrom(
  'clean',
  'clean',
  'clean',
  'unreadable',
  'strange',
  'not_sent',
  'throttled',
  'refused',
);
type CancelFault = typeof arbitraryCancelFault extends fc.Arbitrary<infer Fate> ? Fate : never;
type ReadFault = typeof arbitraryReadFault extends fc.Arbitrary<infer Fate> ? Fate : never;

interface ProviderState {
  status: SessionStatus;
  wasCancelledByUs: boolean;
}

function answerCancel(truth: ProviderState, fate: CancelFault): CancelResult {
  const takesEffect = fate === 'clean' || fate === 'lost_after';
  const wasActive = truth.status === 'active';
  if (takesEffect && wasActive) Object.assign(truth, { status: 'cancelled', wasCancelledByUs: true });
  switch (fate) {
    case 'clean':
      return wasActive
        ? { kind: 'cancelled', session: foundSession('cancelled'), evidence }
        : { kind: 'final', evidence };
    case 'lost_before':
    case 'lost_after':
      return { kind: 'unclear', cause: 'connection_lost', evidence };
    case 'server_error':
      return { kind: 'unclear', cause: 'server_error', evidence };
    case 'throttled':
      return { kind: 'throttled', cause: 'throttled', retryAfterMs: 1_000, evidence };
    case 'not_sent':
      return { kind: 'not_sent', cause: 'connect_failed', evidence };
    case 'refused':
      return { kind: 'refused', cause: 'forbidden', evidence };
    case 'not_found':
      return { kind: 'not_found', cause: null, evidence };
  }
}

function answerRead(truth: ProviderState, fate: ReadFault): ReadResult {
  switch (fate) {
    case 'clean':
      return { kind: 'found', session: foundSession(truth.status), evidence };
    case 'strange':
      return { kind: 'found', session: foundSession('unknown'), evidence };
    case 'unreadable':
      return { kind: 'unreadable', cause: 'answer_unreadable', evidence };
    case 'not_sent':
      return { kind: 'not_sent', cause: 'connect_failed', evidence };
    case 'throttled':
      return { kind: 'throttled', cause: 'throttled', retryAfterMs: 1_000, evidence };
    case 'refused':
      return { kind: 'refused', cause: 'forbidden', evidence };
  }
}

/** Carries one cancellation through the model, the way `drive` does it over a network. */
function simulateCancellation(
  start: SessionStatus,
  cancels: CancelFault[],
  reads: ReadFault[],
  canSend: boolean,
  unclearBefore: number,
) {
  const truth: ProviderState = { status: start, wasCancelledByUs: false };
  const steps: string[] = [];
  let progress: CancellationProgress = {
    calls: 0,
    reads: 0,
    lastCancelResult: null,
    unclearCalls: unclearBefore,
    canSend,
  };
  let step: Step = { action: canSend && unclearBefore === 0 ? 'send' : 'read', delayMs: 0 };
  let lastRead: ReadResult | null = null;
  while (step.action !== 'settle') {
    if (steps.length > 30) throw new Error(`It does not end: ${steps.join(' ')}`);
    if (step.action === 'send') {
      const lastCancelResult = answerCancel(truth, cancels[progress.calls] ?? 'clean');
      steps.push(`send:${lastCancelResult.kind}`);
      progress = {
        ...progress,
        calls: progress.calls + 1,
        reads: 0,
        lastCancelResult,
        unclearCalls: progress.unclearCalls + Number(lastCancelResult.kind === 'unclear'),
      };
      step = decideAfterCancel(lastCancelResult, progress, () => 0.5);
    } else {
      lastRead = answerRead(truth, reads[steps.length] ?? 'clean');
      steps.push(`read:${lastRead.kind}`);
      progress = { ...progress, reads: progress.reads + 1 };
      step = decideAfterRead(lastRead, progress, () => 0.5);
    }
  }
  return { truth, steps, progress, lastRead, settled: step };
}

const arbitraryScenario = fc.record({
  start: fc.constantFrom<SessionStatus>(
    'active',
    'completed',
    'cancelled',
    'expired',
    'in_progress',
    'completed_unfinished',
  ),
  cancels: fc.array(arbitraryCancelFault, { maxLength: 4 }),
  reads: fc.array(arbitraryReadFault, { maxLength: 20 }),
  canSend: fc.boolean(),
});

describe('the life of a cancellation', () => {
  it('says cancelled only of a session that is, and by us only if it was us', () => {
    fc.assert(
      fc.property(arbitraryScenario, ({ start, cancels, reads, canSend }) => {
        const { truth, settled } = simulateCancellation(start, cancels, reads, canSend, 0);
        if (settled.state === 'cancelled') expect(truth).toMatchObject({ status: 'cancelled' });
        if (settled.state === 'cancelled' && start === 'active') expect(truth.wasCancelledByUs).toBe(true);
        if (settled.state === 'already_final') expect(settled.foundStatus).toBe(truth.status);
        if (settled.state === 'not_sent') expect(truth.wasCancelledByUs).toBe(false);
        if (settled.state === 'still_active') expect(truth.wasCancelledByUs).toBe(false);
      }),
      { numRuns: 5_000 },
    );
  });

  it('never asks again after a call that may have had effect without reading the session in between', () => {
    fc.assert(
      fc.property(arbitraryScenario, ({ start, cancels, reads, canSend }) => {
        const { steps } = simulateCancellation(start, cancels, reads, canSend, 0);
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
      fc.property(arbitraryScenario, ({ start, cancels, reads, canSend }) => {
        const { settled, lastRead } = simulateCancellation(start, cancels, reads, canSend, 0);
        if (settled.state === 'unknown' && lastRead?.kind === 'found') expect(lastRead.session.status).toBe('unknown');
      }),
      { numRuns: 5_000 },
    );
  });

  it('stays within its budget', () => {
    fc.assert(
      fc.property(arbitraryScenario, ({ start, cancels, reads, canSend }) => {
        const { progress } = simulateCancellation(start, cancels, reads, canSend, 0);
        expect(progress.calls).toBeLessThanOrEqual(attemptLimits.maxCalls);
        expect(progress.reads).toBeLessThanOrEqual(attemptLimits.maxReads);
      }),
    );
  });

  it('sends nothing where it may not', () => {
    fc.assert(
      fc.property(arbitraryScenario, ({ start, cancels, reads }) => {
        expect(
          simulateCancellation(start, cancels, reads, false, 1).steps.filter((step) => step.startsWith('send')),
        ).toEqual([]);
      }),
    );
  });

  it('takes a session found cancelled after our own unanswered call for cancelled by read-back', () => {
    const { settled } = simulateCancellation('active', ['lost_after'], [], true, 0);
    expect(settled).toMatchObject({ state: 'cancelled', confirmedBy: 'read_back' });
  });

  it('takes a session found cancelled before any call of ours for already final', () => {
    expect(simulateCancellation('cancelled', ['clean'], [], true, 0).settled).toMatchObject({
      state: 'already_final',
      foundStatus: 'cancelled',
    });
  });

  it('credits an earlier run with the cancellation it never heard the answer of', () => {
    expect(simulateCancellation('cancelled', [], [], false, 1).settled).toMatchObject({
      state: 'cancelled',
      confirmedBy: 'read_back',
    });
  });

  it('asks again after a lost call that had no effect, and says so', () => {
    const { settled, steps } = simulateCancellation('active', ['lost_before', 'clean'], [], true, 0);
    expect(steps).toEqual(['send:unclear', 'read:found', 'send:cancelled']);
    expect(settled).toMatchObject({ state: 'cancelled', confirmedBy: 'answer' });
  });

  it('does not take a 404 that may be the endpoint for a session that is gone', () => {
    const lastCancelResult: CancelResult = { kind: 'not_found', cause: 'endpoint_off', evidence };
    const progress: CancellationProgress = { calls: 1, reads: 0, lastCancelResult, unclearCalls: 0, canSend: true };
    expect(decideAfterCancel(lastCancelResult, progress, () => 0)).toEqual({ action: 'read', delayMs: 0 });
    const read: ReadResult = { kind: 'found', session: foundSession('active'), evidence };
    expect(decideAfterRead(read, { ...progress, reads: 1 }, () => 0)).toMatchObject({
      state: 'refused',
      cause: 'endpoint_off',
    });
  });

  it('waits as long as a throttling provider says, unless that is beyond patience', () => {
    const throttled = (retryAfterMs: number): CancelResult => ({
      kind: 'throttled',
      cause: 'throttled',
      retryAfterMs,
      evidence,
    });
    const progress = (lastCancelResult: CancelResult): CancellationProgress => ({
      calls: 1,
      reads: 0,
      lastCancelResult,
      unclearCalls: 0,
      canSend: true,
    });
    expect(decideAfterCancel(throttled(58_370), progress(throttled(58_370)), () => 0)).toEqual({
      action: 'send',
      delayMs: 58_370,
    });
    expect(decideAfterCancel(throttled(61_000), progress(throttled(61_000)), () => 0)).toMatchObject({
      state: 'refused',
      cause: 'throttled',
    });
  });

  it('backs off with full jitter below a doubling ceiling', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, drawn) => {
        const wait = computeBackoffMs(attempt, () => drawn);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(Math.min(8_000, 500 * 2 ** (attempt - 1)));
      }),
    );
  });
});
