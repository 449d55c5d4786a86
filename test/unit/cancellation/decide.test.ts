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
import { nonEmpty } from '../../support/non-empty.ts';

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

/** The fault of one request: whether the request takes effect, and which response arrives. */
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
  'unknown_status',
  'not_sent',
  'throttled',
  'refused',
);
type CancelFault = typeof arbitraryCancelFault extends fc.Arbitrary<infer Fault> ? Fault : never;
type ReadFault = typeof arbitraryReadFault extends fc.Arbitrary<infer Fault> ? Fault : never;

interface ProviderState {
  status: SessionStatus;
  wasCancelledByUs: boolean;
}

function respondToCancel(providerState: ProviderState, fault: CancelFault): CancelResult {
  const takesEffect = fault === 'clean' || fault === 'lost_after';
  const wasActive = providerState.status === 'active';
  if (takesEffect && wasActive) Object.assign(providerState, { status: 'cancelled', wasCancelledByUs: true });
  switch (fault) {
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

function respondToRead(providerState: ProviderState, fault: ReadFault): ReadResult {
  switch (fault) {
    case 'clean':
      return { kind: 'found', session: foundSession(providerState.status), evidence };
    case 'unknown_status':
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

/** Executes one cancellation against the model, as `execute` does against a provider. */
function simulateCancellation(
  initialStatus: SessionStatus,
  cancelFaults: CancelFault[],
  readFaults: ReadFault[],
  canSend: boolean,
  unclearBefore: number,
) {
  const providerState: ProviderState = { status: initialStatus, wasCancelledByUs: false };
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
    if (steps.length > 30) throw new Error(`The cancellation does not end: ${steps.join(' ')}`);
    if (step.action === 'send') {
      const lastCancelResult = respondToCancel(providerState, cancelFaults[progress.calls] ?? 'clean');
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
      lastRead = respondToRead(providerState, readFaults[steps.length] ?? 'clean');
      steps.push(`read:${lastRead.kind}`);
      progress = { ...progress, reads: progress.reads + 1 };
      step = decideAfterRead(lastRead, progress, () => 0.5);
    }
  }
  return { providerState, steps, progress, lastRead, settled: step };
}

const arbitraryScenario = fc.record({
  initialStatus: fc.constantFrom<SessionStatus>(
    'active',
    'completed',
    'cancelled',
    'expired',
    'in_progress',
    'completed_unfinished',
  ),
  cancelFaults: fc.array(arbitraryCancelFault, { maxLength: 4 }),
  readFaults: fc.array(arbitraryReadFault, { maxLength: 20 }),
  canSend: fc.boolean(),
});

describe('decideAfterCancel and decideAfterRead', () => {
  it('outcome: matches the state of the provider and whether our request cancelled the session', () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(arbitraryScenario, ({ initialStatus, cancelFaults, readFaults, canSend }) => {
        const { providerState, settled } = simulateCancellation(initialStatus, cancelFaults, readFaults, canSend, 0);
        reached.add(settled.state);
        if (settled.state === 'cancelled') expect(providerState).toMatchObject({ status: 'cancelled' });
        if (settled.state === 'cancelled' && initialStatus === 'active')
          expect(providerState.wasCancelledByUs).toBe(true);
        if (settled.state === 'already_final') expect(settled.foundStatus).toBe(providerState.status);
        if (settled.state === 'not_sent') expect(providerState.wasCancelledByUs).toBe(false);
        if (settled.state === 'still_active') expect(providerState.wasCancelledByUs).toBe(false);
      }),
      { numRuns: 5_000 },
    );
    for (const state of ['cancelled', 'already_final', 'not_sent', 'still_active', 'unknown'])
      expect(reached).toContain(state);
  });

  it('retry: a request that may have taken effect is repeated only after a read of the session', () => {
    let repeats = 0;
    fc.assert(
      fc.property(arbitraryScenario, ({ initialStatus, cancelFaults, readFaults, canSend }) => {
        const { steps } = simulateCancellation(initialStatus, cancelFaults, readFaults, canSend, 0);
        nonEmpty(steps).forEach((step, index) => {
          if (step.startsWith('send:') && steps[index - 1]?.startsWith('send:')) {
            expect(['send:throttled', 'send:not_sent']).toContain(steps[index - 1]);
            repeats += 1;
          }
        });
      }),
      { numRuns: 5_000 },
    );
    expect(repeats).toBeGreaterThan(100);
  });

  it('outcome unknown: occurs only if the session could not be read', () => {
    let unknown = 0;
    fc.assert(
      fc.property(arbitraryScenario, ({ initialStatus, cancelFaults, readFaults, canSend }) => {
        const { settled, lastRead } = simulateCancellation(initialStatus, cancelFaults, readFaults, canSend, 0);
        if (settled.state === 'unknown') unknown += 1;
        if (settled.state === 'unknown' && lastRead?.kind === 'found') expect(lastRead.session.status).toBe('unknown');
      }),
      { numRuns: 5_000 },
    );
    expect(unknown).toBeGreaterThan(100);
  });

  it('attempt limits: requests and reads stay within attemptLimits', () => {
    fc.assert(
      fc.property(arbitraryScenario, ({ initialStatus, cancelFaults, readFaults, canSend }) => {
        const { progress } = simulateCancellation(initialStatus, cancelFaults, readFaults, canSend, 0);
        expect(progress.calls).toBeLessThanOrEqual(attemptLimits.maxCalls);
        expect(progress.reads).toBeLessThanOrEqual(attemptLimits.maxReads);
      }),
    );
  });

  it('canSend false: no cancel request is sent', () => {
    fc.assert(
      fc.property(arbitraryScenario, ({ initialStatus, cancelFaults, readFaults }) => {
        expect(
          nonEmpty(simulateCancellation(initialStatus, cancelFaults, readFaults, false, 1).steps).filter((step) =>
            step.startsWith('send'),
          ),
        ).toEqual([]);
      }),
    );
  });

  it('lost response: a session that is read as cancelled has the outcome cancelled, confirmed by read-back', () => {
    const { settled } = simulateCancellation('active', ['lost_after'], [], true, 0);
    expect(settled).toMatchObject({ state: 'cancelled', confirmedBy: 'read_back' });
  });

  it('already cancelled: a session that was cancelled before our first request has the outcome already_final', () => {
    expect(simulateCancellation('cancelled', ['clean'], [], true, 0).settled).toMatchObject({
      state: 'already_final',
      foundStatus: 'cancelled',
    });
  });

  it('recovery: a session that is read as cancelled after an earlier request without a response is cancelled', () => {
    expect(simulateCancellation('cancelled', [], [], false, 1).settled).toMatchObject({
      state: 'cancelled',
      confirmedBy: 'read_back',
    });
  });

  it('retry: a lost request without effect is sent again after the read', () => {
    const { settled, steps } = simulateCancellation('active', ['lost_before', 'clean'], [], true, 0);
    expect(steps).toEqual(['send:unclear', 'read:found', 'send:cancelled']);
    expect(settled).toMatchObject({ state: 'cancelled', confirmedBy: 'answer' });
  });

  it('cancel: a 404 of the endpoint is read back, and refused if the session is active (contradiction 5)', () => {
    const lastCancelResult: CancelResult = { kind: 'not_found', cause: 'endpoint_off', evidence };
    const progress: CancellationProgress = { calls: 1, reads: 0, lastCancelResult, unclearCalls: 0, canSend: true };
    expect(decideAfterCancel(lastCancelResult, progress, () => 0)).toEqual({ action: 'read', delayMs: 0 });
    const read: ReadResult = { kind: 'found', session: foundSession('active'), evidence };
    expect(decideAfterRead(read, { ...progress, reads: 1 }, () => 0)).toMatchObject({
      state: 'refused',
      cause: 'endpoint_off',
    });
  });

  it('throttled: waits for Retry-After up to the limit, and is refused above the limit', () => {
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

  it('computeBackoffMs: is at most a maximum that doubles with each attempt', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const delayMs = computeBackoffMs(attempt, () => random);
          expect(delayMs).toBeGreaterThanOrEqual(0);
          expect(delayMs).toBeLessThanOrEqual(Math.min(8_000, 500 * 2 ** (attempt - 1)));
        },
      ),
    );
  });
});
