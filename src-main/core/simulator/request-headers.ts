import type { FastifyRequest } from 'fastify';

/** A header as text; empty where it is absent or was sent twice. */
export function getHeader(request: FastifyRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

/** What a Basic header holds, e.g. `name:password`; empty where there is none. */
export function getBasicCredentials(request: FastifyRequest): string {
  const [scheme, encoded] = getHeader(request, 'authorization').split(' ', 2);
  return scheme?.toLowerCase() === 'basic' ? Buffer.from(encoded ?? '', 'base64').toString('utf8') : '';
}
