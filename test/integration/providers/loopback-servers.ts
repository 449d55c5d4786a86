/** Servers on loopback for tests: raw sockets with faults, an HTTP server with scripted responses, and certificates. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const portOf = (server: net.Server): number => (server.address() as net.AddressInfo).port;

const openServers: { close(): unknown }[] = [];

/** Closes all servers that a test opened; for `afterEach`. */
export function closeServers(): void {
  for (const server of openServers.splice(0)) server.close();
}

/** Starts the server on a free port of 127.0.0.1. `closeServers` closes it with its sockets. */
export async function startListening<Server extends net.Server>(server: Server): Promise<Server> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.on('close', () => sockets.delete(socket));
  });
  openServers.push({
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** A TCP server that calls `respond` with the received text of each request and returns its base URL. */
export async function startRawServer(
  respond: (socket: net.Socket, request: string, count: number) => void,
): Promise<string> {
  let count = 0;
  const server = await startListening(
    net.createServer((socket) => {
      socket.on('data', (data) => respond(socket, data.toString(), ++count));
    }),
  );
  return `http://127.0.0.1:${portOf(server)}`;
}

/** A port without a listener. */
export async function findClosedPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

export interface ScriptedResponse {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  /** Names and values alternate, as Node received them. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/**
 * Responds by path suffix with the next response of its list; the last one repeats. Records all requests. A text body
 * is sent unchanged, other bodies as JSON.
 */
export async function startScriptedServer(
  script: Record<string, readonly ScriptedResponse[]>,
): Promise<{ baseUrl: string; requests: RecordedRequest[] }> {
  const requests: RecordedRequest[] = [];
  const requestCounts = new Map<string, number>();
  const server = await startListening(
    http.createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        const path = request.url ?? '';
        requests.push({
          method: request.method ?? '',
          path,
          headers: request.headers,
          rawHeaders: request.rawHeaders,
          body,
        });
        const suffix = Object.keys(script).find((each) => path.endsWith(each)) ?? '';
        const responses = script[suffix] ?? [];
        const count = requestCounts.get(suffix) ?? 0;
        requestCounts.set(suffix, count + 1);
        const scripted = responses[Math.min(count, responses.length - 1)] ?? {
          status: 599,
          body: `No response is scripted for ${path}`,
        };
        const { status, headers, body: content } = scripted;
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(typeof content === 'string' ? content : content === undefined ? '' : JSON.stringify(content));
      });
    }),
  );
  return { baseUrl: `http://127.0.0.1:${portOf(server)}`, requests };
}

export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
}
export interface PrivateCa {
  readonly pem: string;
  readonly file: string;
  /** A certificate for 127.0.0.1 and provider.test. */
  readonly valid: TlsIdentity;
  readonly expired: TlsIdentity;
  readonly wrongName: TlsIdentity;
  readonly selfSigned: TlsIdentity;
  remove(): void;
}

/** Creates a private certificate authority and certificates with openssl; takes about 100 ms. */
export function createPrivateCa(): PrivateCa {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const ca = 'basicConstraints=critical,CA:TRUE';
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=Private authority',
    '-addext',
    ca,
  );
  const createIdentity = (name: string, subjectAltNames: string, days: string): TlsIdentity => {
    openssl(
      'req',
      '-new',
      ...newKey,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
      '-addext',
      `subjectAltName=${subjectAltNames}`,
    );
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-days',
      days,
      '-copy_extensions',
      'copy',
      '-out',
      `${name}.pem`,
    );
    return {
      key: readFileSync(join(folder, `${name}.key`), 'utf8'),
      cert: readFileSync(join(folder, `${name}.pem`), 'utf8'),
    };
  };
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'self.key',
    '-out',
    'self.pem',
    '-days',
    '2',
    '-subj',
    '/CN=self',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
  );
  const file = join(folder, 'ca.pem');
  return {
    pem: readFileSync(file, 'utf8'),
    file,
    valid: createIdentity('good', 'IP:127.0.0.1,DNS:provider.test', '2'),
    expired: createIdentity('expired', 'IP:127.0.0.1', '-1'),
    wrongName: createIdentity('other', 'DNS:elsewhere.test', '2'),
    selfSigned: {
      key: readFileSync(join(folder, 'self.key'), 'utf8'),
      cert: readFileSync(join(folder, 'self.pem'), 'utf8'),
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
