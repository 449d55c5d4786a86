import type { IncomingMessage } from 'node:http';

export type Body = { readonly kind: 'json'; readonly value: unknown } | { readonly kind: 'too_long' | 'not_json' };

/** Reads a request's body as JSON, up to `longest` bytes; what comes beyond is not kept. */
export async function readJson(request: IncomingMessage, longest: number): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > longest) return { kind: 'too_long' };
  const chunks: Buffer[] = [];
  let length = 0;
  // A request is a stream of Buffers as long as no encoding is set.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longest) return { kind: 'too_long' };
    chunks.push(chunk);
  }
  try {
    return { kind: 'json', value: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown };
  } catch {
    return { kind: 'not_json' };
  }
}
