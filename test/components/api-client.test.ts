import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApiClient } from '../../src-renderer/api-client.ts';
import type { HostStatus } from '../../src-renderer/api-client.ts';

/** Replaces EventSource. A test opens it, sends events through it and breaks it. */
class FakeEventSource extends EventTarget {
  static instances: FakeEventSource[] = [];
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  constructor() {
    super();
    FakeEventSource.instances.push(this);
  }
  close(): void {
    this.closed = true;
  }
}

const latestEventSource = () => FakeEventSource.instances.at(-1);
let fetchResponse: () => Promise<Response>;

beforeEach(() => {
  vi.useFakeTimers();
  FakeEventSource.instances = [];
  fetchResponse = () => Promise.resolve(Response.json({ ok: true, value: {} }));
  vi.stubGlobal('EventSource', FakeEventSource);
  vi.stubGlobal('fetch', () => fetchResponse());
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function createObservedClient(): { client: ReturnType<typeof createApiClient>; statuses: HostStatus[] } {
  const client = createApiClient();
  const statuses: HostStatus[] = [];
  client.onStatusChange((status) => statuses.push(status));
  return { client, statuses };
}

describe('api-client', () => {
  it('api-client: a listener receives events until it unsubscribes', () => {
    const { client } = createObservedClient();
    const received: unknown[] = [];
    const unsubscribe = client.on('audit.appended', (payload) => received.push(payload));
    latestEventSource()?.dispatchEvent(new MessageEvent('audit.appended', { data: '{"lastSequence":7}' }));
    unsubscribe();
    latestEventSource()?.dispatchEvent(new MessageEvent('audit.appended', { data: '{"lastSequence":8}' }));
    expect(received).toEqual([{ lastSequence: 7 }]);
  });

  it('api-client: an event stream error reports "unreachable", reconnects and reports "connected"', async () => {
    const { statuses } = createObservedClient();
    fetchResponse = () => Promise.reject(new TypeError('refused'));
    latestEventSource()?.onerror?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(statuses).toEqual(['unreachable']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(FakeEventSource.instances.map(({ closed }) => closed)).toEqual([true, false]);
    latestEventSource()?.onopen?.();
    expect(statuses).toEqual(['unreachable', 'connected']);
  });

  it('api-client: a 401 after an event stream error reports "unauthorized"', async () => {
    const { statuses } = createObservedClient();
    fetchResponse = () => Promise.resolve(Response.json({ ok: false, error: {} }, { status: 401 }));
    latestEventSource()?.onerror?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(statuses).toEqual(['unauthorized']);
  });

  it('api-client: a call without a response rejects and reports "unreachable"', async () => {
    const { client, statuses } = createObservedClient();
    fetchResponse = () => Promise.reject(new TypeError('refused'));
    await expect(client.call('app.state', {})).rejects.toThrow('refused');
    await vi.advanceTimersByTimeAsync(0);
    expect(statuses).toEqual(['unreachable']);
  });
});
