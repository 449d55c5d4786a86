/** Serves the built renderer at `app://desk`, with the same response headers as the browser host. */
import { join } from 'node:path';
import { app, protocol } from 'electron';
import { readStaticFile } from '../static-files.ts';
import { securityHeaders } from '../security-headers.ts';
import { isAppPage, appOrigin, appScheme } from './policy.ts';
import type { AppModule } from './app-context.ts';

export const appProtocol: AppModule = () => {
  protocol.registerSchemesAsPrivileged([
    { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
  return () => {
    const root = join(app.getAppPath(), 'out', 'renderer');
    protocol.handle(appScheme, (request) => serveAppRequest(root, request));
  };
};

/** Serves a request from the files in `root`. */
export async function serveAppRequest(root: string, request: Request): Promise<Response> {
  if (request.method !== 'GET' || !isAppPage(request.url, appOrigin)) {
    return new Response(null, { status: 403, headers: securityHeaders });
  }
  const { status, contentType, body } = await readStaticFile(root, new URL(request.url).pathname);
  return new Response(body, { status, headers: { ...securityHeaders, 'Content-Type': contentType } });
}
