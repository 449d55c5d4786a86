import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDeskClient } from '../../src-renderer/api-client.ts';
import type { Link } from '../../src-renderer/api-client.ts';

/** Stands in for the stream, which a test opens, feeds and breaks by hand. */
class HandEventSource extends EventTarget {
  static all: HandEventSource[] = [];
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  constructor() {
    super();
    HandEventSource.all.push(this);
  }
  close(): void {
    this.closed = true;
  }
}

const latest = () => HandEventSource.all.at(-1);
let answer: () => Promise<Response>;

beforeEach(() => {
  vi.useFakeTimers();
  HandEventSource.all = [];
  answer = () => Promise.resolve(Response.json({ ok: true, value: {} }));
  vi.stubGlobal('EventSource', HandEventSource);
  vi.stubGlobal('fetch', () => answer());
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function watched(): { client: ReturnType<typeof createDeskClient>; links: Link[] } {
  const client = createDeskClient();
  const links: Link[] = [];
  client.onLink((link) => links.push(link));
  return { client, links };
}

describe('the client of the browser host', () => {
  it('hands events to whoever listens, until they stop', () => {
    const { client } = watched();
    const heard: unknown[] = [];
    const stop = client.on('audit.appended', (payload) => heard.push(payload));
    latest()?.dispatchEvent(new MessageEvent('audit.appended', { data: '{"lastSequence":7}' }));
    stop();
    latest()?.dispatchEvent(new MessageEvent('audit.appended', { data: '{"lastSequence":8}' }));
    expect(heard).toEqual([{ lastSequence: 7 }]);
  });

  it('says that nobody answers, tries again, and says that somebody does', async () => {
    const { links } = watched();
    answer = () => Promise.reject(new TypeError('refused'));
    latest()?.onerror?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(links).toEqual(['lost']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(HandEventSource.all.map(({ closed }) => closed)).toEqual([true, false]);
    latest()?.onopen?.();
    expect(links).toEqual(['lost', 'up']);
  });

  it('tells a host that does not know this window from one that is gone', async () => {
    const { links } = watched();
    answer = () => Promise.resolve(Response.json({ ok: false, error: {} }, { status: 401 }));
    latest()?.onerror?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(links).toEqual(['refused']);
  });

  it('rejects a call that got no answer, and looks after the stream', async () => {
    const { client, links } = watched();
    answer = () => Promise.reject(new TypeError('refused'));
    await expect(client.call('desk.state', {})).rejects.toThrow('refused');
    await vi.advanceTimersByTimeAsync(0);
    expect(links).toEqual(['lost']);
  });
});
