import type { FastifyRequest } from 'fastify';

/** The text of a header; empty if it is absent or was sent twice. */
export function getHeader(request: FastifyRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

/** The decoded credentials of a Basic header, such as `name:password`; empty if the request has no such header. */
export function getBasicCredentials(request: FastifyRequest): string {
  const [scheme, encoded] = getHeader(request, 'authorization').split(' ', 2);
  return scheme?.toLowerCase() === 'basic' ? Buffer.from(encoded ?? '', 'base64').toString('utf8') : '';
}
