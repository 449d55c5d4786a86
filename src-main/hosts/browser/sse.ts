/** Sends events to all tabs of the client as server-sent events. */
import type { ServerResponse } from 'node:http';
import type { EventName } from '../../contract/index.ts';

const heartbeatIntervalMs = 15_000;
/** A stream with a larger backlog is closed. The tab then reconnects and reads the state again. */
const maxBufferedBytes = 4_000_000;

export class SseBroadcaster {
  readonly #clients = new Set<ServerResponse>();
  readonly #isSignedIn: () => boolean;
  readonly #heartbeatTimer = setInterval(() => this.#write(':\n\n'), heartbeatIntervalMs).unref();

  /** `isSignedIn`: whether the client may still receive events; checked before each write. */
  constructor(isSignedIn: () => boolean) {
    this.#isSignedIn = isSignedIn;
  }

  /** Turns a response into an event stream that stays open until either side closes it. */
  addClient(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    response.write(':\n\n');
    this.#clients.add(response);
    response.on('close', () => this.#clients.delete(response));
  }

  broadcast(name: EventName, payload: unknown): void {
    this.#write(`event: ${name}\ndata: ${JSON.stringify(payload)}\n\n`);
  }

  /** Closes all streams. New streams can be added. */
  disconnectAll(): void {
    for (const response of this.#clients) response.end();
  }

  close(): void {
    clearInterval(this.#heartbeatTimer);
    this.disconnectAll();
  }

  #write(text: string): void {
    if (!this.#isSignedIn()) return this.disconnectAll();
    for (const response of this.#clients) {
      if (response.writableLength > maxBufferedBytes) response.destroy();
      else response.write(text);
    }
  }
}
