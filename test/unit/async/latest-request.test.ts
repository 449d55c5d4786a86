import { describe, expect, it } from 'vitest';
import { LatestRequest } from '../../../src-main/core/async/index.ts';

describe('LatestRequest', () => {
  it('getSignal: a newer request number aborts the older requests of the same viewer with superseded', () => {
    const latestRequest = new LatestRequest();
    const first = latestRequest.getSignal('viewer-1', 1);
    const sameNumber = latestRequest.getSignal('viewer-1', 1);
    const otherViewer = latestRequest.getSignal('viewer-2', 1);
    expect([first, sameNumber, otherViewer].map(({ aborted }) => aborted)).toEqual([false, false, false]);
    const newer = latestRequest.getSignal('viewer-1', 2);
    expect([first, sameNumber, otherViewer, newer].map(({ aborted }) => aborted)).toEqual([true, true, false, false]);
    expect(first.reason).toMatchObject({ code: 'superseded', messageKey: 'session.superseded', retryable: true });
  });

  it('getSignal: a request that arrives after a newer one is aborted at once', () => {
    const latestRequest = new LatestRequest();
    const newer = latestRequest.getSignal('viewer-1', 2);
    const late = latestRequest.getSignal('viewer-1', 1);
    expect(late.aborted).toBe(true);
    expect(late.reason).toMatchObject({ code: 'superseded' });
    expect(newer.aborted).toBe(false);
  });

  it('close: all requests are aborted', () => {
    const latestRequest = new LatestRequest();
    const signal = latestRequest.getSignal('', 0);
    latestRequest.close();
    expect(signal.aborted).toBe(true);
  });
});
