/** `app://desk`: the built screen under a scheme of its own, with the same headers as in the browser. */
import { join } from 'node:path';
import { app, protocol } from 'electron';
import { fileAnswer } from '../static-files.ts';
import { securityHeaders } from '../security-headers.ts';
import { isOwnPage, appOrigin, scheme } from './app-origin.ts';
import type { Module } from './app-context.ts';

export const ownScheme: Module = () => {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
  return () => {
    const root = join(app.getAppPath(), 'out', 'renderer');
    protocol.handle(scheme, (request) => respond(root, request));
  };
};

/** Answers a request for the screen, from the files in `root`. */
export async function respond(root: string, request: Request): Promise<Response> {
  if (request.method !== 'GET' || !isOwnPage(request.url, appOrigin)) {
    return new Response(null, { status: 403, headers: securityHeaders });
  }
  const { status, type, body } = await fileAnswer(root, new URL(request.url).pathname);
  return new Response(body, { status, headers: { ...securityHeaders, 'Content-Type': type } });
}
