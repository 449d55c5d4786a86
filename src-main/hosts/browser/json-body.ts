import type { IncomingMessage } from 'node:http';

export type JsonBody =
  { readonly kind: 'json'; readonly value: unknown } | { readonly kind: 'too_large' | 'invalid_json' };

/** Reads a request body of at most `maxBytes` bytes as JSON. */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<JsonBody> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return { kind: 'too_large' };
  const chunks: Buffer[] = [];
  let length = 0;
  // A request without an encoding is a stream of Buffers.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) return { kind: 'too_large' };
    chunks.push(chunk);
  }
  try {
    return { kind: 'json', value: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown };
  } catch {
    return { kind: 'invalid_json' };
  }
}
