import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApiClient } from '../../src-renderer/api-client.ts';
import type { HostStatus } from '../../src-renderer/api-client.ts';

/** A response of /events. The test sends text through it, ends it or breaks it. */
interface FakeStream {
  readonly headers: Headers;
  readonly signal: AbortSignal;
  send(text: string): void;
  end(): void;
  fail(): void;
}

let streams: FakeStream[];
/** What the host responds to a new event stream and to a call; null: it does not respond. */
let streamStatus: number | null;
let callStatus: number | null;
let callHeaders: Headers;

function openStream(init: RequestInit): Response {
  let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (each) => void (controller = each) });
  const { signal } = init;
  if (!signal) throw new Error('The stream has no signal.');
  signal.addEventListener('abort', () => controller?.error(signal.reason));
  streams.push({
    headers: new Headers(init.headers),
    signal,
    send: (text) => controller?.enqueue(new TextEncoder().encode(text)),
    end: () => controller?.close(),
    fail: () => controller?.error(new TypeError('network error')),
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

function fakeFetch(url: string, init: RequestInit): Promise<Response> {
  const status = url === '/events' ? streamStatus : callStatus;
  if (url !== '/events') callHeaders = new Headers(init.headers);
  if (status === null) return Promise.reject(new TypeError('refused'));
  if (status !== 200) return Promise.resolve(Response.json({ ok: false, error: {} }, { status }));
  return Promise.resolve(url === '/events' ? openStream(init) : Response.json({ ok: true, value: {} }));
}

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  streams = [];
  streamStatus = 200;
  callStatus = 200;
  sessionStorage.setItem('sessionToken', 'token-1');
  vi.stubGlobal('fetch', fakeFetch);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

async function createObservedClient(): Promise<{ client: ReturnType<typeof createApiClient>; statuses: HostStatus[] }> {
  const client = createApiClient();
  const statuses: HostStatus[] = [];
  client.onStatusChange((status) => statuses.push(status));
  await settle();
  return { client, statuses };
}

describe('api-client', () => {
  // Verifies B-12.
  it('api-client: calls and the event stream send the token of this tab', async () => {
    const { client } = await createObservedClient();
    await client.call('app.getState', {});
    expect(callHeaders.get('x-session-desk-token')).toBe('token-1');
    expect(streams[0]?.headers.get('x-session-desk-token')).toBe('token-1');
  });

  it('api-client: a listener receives events until it unsubscribes, however the stream is split', async () => {
    const { client } = await createObservedClient();
    const received: unknown[] = [];
    const unsubscribe = client.on('audit.appended', (payload) => received.push(payload));
    const [stream] = streams;
    stream?.send(':\n\nevent: audit.app');
    stream?.send('ended\ndata: {"lastSequence":7}\n\nevent: audit.appended\ndata: {"lastSequence":8}\n');
    await settle();
    expect(received).toEqual([{ lastSequence: 7 }]);
    stream?.send('\n');
    await settle();
    unsubscribe();
    stream?.send('event: audit.appended\ndata: {"lastSequence":9}\n\n');
    await settle();
    expect(received).toEqual([{ lastSequence: 7 }, { lastSequence: 8 }]);
  });

  it.each(['end', 'fail'] as const)(
    'api-client: after the stream %ss it reconnects at once, then every 2 s',
    async (how) => {
      const { statuses } = await createObservedClient();
      streamStatus = null;
      streams[0]?.[how]();
      await settle();
      expect(statuses).toEqual(['unreachable']);
      await vi.advanceTimersByTimeAsync(1_999);
      streamStatus = 200;
      expect(streams).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(streams).toHaveLength(2);
      expect(statuses).toEqual(['unreachable', 'connected']);
    },
  );

  it('api-client: a stream that is replaced at once is reported, because events can be lost', async () => {
    const { statuses } = await createObservedClient();
    streams[0]?.end();
    await settle();
    expect(streams).toHaveLength(2);
    expect(statuses).toEqual(['unreachable', 'connected']);
  });

  it('api-client: a host that signs the page out is reported as "unauthorized"', async () => {
    const { statuses } = await createObservedClient();
    streamStatus = 401;
    streams[0]?.end();
    await settle();
    expect(statuses).toEqual(['unauthorized']);
  });

  it('api-client: a call without a response rejects, reports "unreachable" and opens a new stream', async () => {
    const { client, statuses } = await createObservedClient();
    callStatus = null;
    streamStatus = null;
    await expect(client.call('app.getState', {})).rejects.toThrow('refused');
    await settle();
    expect(statuses).toEqual(['unreachable']);
    streamStatus = 200;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(statuses).toEqual(['unreachable', 'connected']);
    expect(streams.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  it('api-client: a call that is not authorized is reported', async () => {
    const { client, statuses } = await createObservedClient();
    callStatus = 401;
    streamStatus = 401;
    await client.call('app.getState', {});
    await settle();
    expect(statuses).toEqual(['unauthorized']);
  });
});
