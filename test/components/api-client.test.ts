import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApiClient } from '../../src-renderer/api-client.ts';
import type { HostStatus } from '../../src-renderer/api-client.ts';

/** Stands in for the stream, which a test opens, feeds and breaks by hand. */
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
  client.onStatusChange((link) => statuses.push(link));
  return { client, statuses };
}

describe('the client of the browser host', () => {
  it('hands events to whoever listens, until they stop', () => {
    const { client } = createObservedClient();
    const heard: unknown[] = [];
    const stop = client.on('audit.appended', (payload) => heard.push(payload));
    latestEventSource()?.dispatchEvent(new MessageEvent('audit.appended', { data: '{"lastSequence":7}' }));
    stop();
    latestEventSource()?.dispatchEvent(new MessageEvent('audit.appended', { data: '{"lastSequence":8}' }));
    expect(heard).toEqual([{ lastSequence: 7 }]);
  });

  it('says that nobody answers, tries again, and says that somebody does', async () => {
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

  it('tells a host that does not know this window from one that is gone', async () => {
    const { statuses } = createObservedClient();
    fetchResponse = () => Promise.resolve(Response.json({ ok: false, error: {} }, { status: 401 }));
    latestEventSource()?.onerror?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(statuses).toEqual(['unauthorized']);
  });

  it('rejects a call that got no answer, and looks after the stream', async () => {
    const { client, statuses } = createObservedClient();
    fetchResponse = () => Promise.reject(new TypeError('refused'));
    await expect(client.call('app.state', {})).rejects.toThrow('refused');
    await vi.advanceTimersByTimeAsync(0);
    expect(statuses).toEqual(['unreachable']);
  });
});
