import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** A request whose body was received. */
export interface HttpRequest {
  readonly method: string;
  /** The path with its query, as it was received. */
  readonly url: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The name of every received header line, in lower case. A header that was sent twice is listed twice. */
  readonly headerNames: readonly string[];
  readonly body: string;
  readonly ip: string;
}

const maxBodyBytes = 1_048_576;

/** Receives the body of a request. Rejects if it is too long or the connection ends. */
export async function receiveRequest(message: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBodyBytes) throw new Error('The body is too long.');
    chunks.push(chunk);
  }
  const url = message.url ?? '';
  return {
    method: message.method ?? '',
    url,
    path: url.replace(/\?.*$/s, ''),
    headers: message.headers,
    headerNames: message.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()),
    body: Buffer.concat(chunks).toString('utf8'),
    ip: message.socket.remoteAddress ?? '',
  };
}

/** The text of a header; empty if it is absent or was sent twice. */
export function getHeader({ headers }: HttpRequest, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

/** The decoded credentials of a Basic header, such as `name:password`; empty if the request has no such header. */
export function getBasicCredentials(request: HttpRequest): string {
  const [scheme, encoded] = getHeader(request, 'authorization').split(' ', 2);
  return scheme?.toLowerCase() === 'basic' ? Buffer.from(encoded ?? '', 'base64').toString('utf8') : '';
}
