/** The open event streams (server-sent events): what the desk tells goes to every tab of the one client. */
import type { ServerResponse } from 'node:http';
import type { EventName } from '../../contract/index.ts';

const heartbeatMs = 15_000;
/** A tab that does not read is let go: it asks again and reads the state anew. */
const largestBacklog = 4_000_000;

export class EventStreams {
  readonly #responses = new Set<ServerResponse>();
  readonly #heartbeat = setInterval(() => this.#write(':\n\n'), heartbeatMs).unref();

  /** Turns a response into a stream that lasts until either side ends it. */
  add(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    response.write('retry: 1000\n\n');
    this.#responses.add(response);
    response.on('close', () => this.#responses.delete(response));
  }

  send(name: EventName, payload: unknown): void {
    this.#write(`event: ${name}\ndata: ${JSON.stringify(payload)}\n\n`);
  }

  /** Ends every stream; new ones may follow. */
  endAll(): void {
    for (const response of this.#responses) response.end();
  }

  close(): void {
    clearInterval(this.#heartbeat);
    this.endAll();
  }

  #write(text: string): void {
    for (const response of this.#responses) {
      if (response.writableLength > largestBacklog) response.destroy();
      else response.write(text);
    }
  }
}
