/**
 * Small real servers on loopback: raw sockets that misbehave, an HTTP server that plays answers, certificates made on
 * the spot.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const portOf = (server: net.Server): number => (server.address() as net.AddressInfo).port;

const openServers: { close(): unknown }[] = [];

/** Closes whatever the tests opened; for `afterEach`. */
export function closeServers(): void {
  for (const each of openServers.splice(0)) each.close();
}

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

/** A server that calls `answer` with each request's text, headers and body, as it came; gives its base URL. */
export async function startRawServer(
  answer: (socket: net.Socket, request: string, count: number) => void,
): Promise<string> {
  let count = 0;
  const server = await startListening(
    net.createServer((socket) => {
      socket.on('data', (data) => answer(socket, data.toString(), ++count));
    }),
  );
  return `http://127.0.0.1:${portOf(server)}`;
}

/** A port that nobody listens on. */
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
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/**
 * Answers by path ending, each list in turn (its last one for good), and keeps what it saw. A text body goes out as it
 * is.
 */
export async function startScriptedServer(
  script: Record<string, readonly ScriptedResponse[]>,
): Promise<{ baseUrl: string; seen: RecordedRequest[] }> {
  const seen: RecordedRequest[] = [];
  const turns = new Map<string, number>();
  const server = await startListening(
    http.createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        const path = request.url ?? '';
        seen.push({
          method: request.method ?? '',
          path,
          headers: request.headers,
          rawHeaders: request.rawHeaders,
          body,
        });
        const ending = Object.keys(script).find((each) => path.endsWith(each)) ?? '';
        const answers = script[ending] ?? [];
        const turn = turns.get(ending) ?? 0;
        turns.set(ending, turn + 1);
        const played = answers[Math.min(turn, answers.length - 1)] ?? {
          status: 599,
          body: `Nothing to play for ${path}`,
        };
        response.writeHead(played.status, { 'content-type': 'application/json', ...played.headers });
        response.end(
          typeof played.body === 'string' ? played.body : played.body === undefined ? '' : JSON.stringify(played.body),
        );
      });
    }),
  );
  return { baseUrl: `http://127.0.0.1:${portOf(server)}`, seen };
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

/** A private authority and what it signed, made with openssl in some 100 ms. */
export function createPrivateCa(): PrivateCa {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  const openssl = (...words: string[]): void => void execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
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
  const identity = (name: string, names: string, days: string): TlsIdentity => {
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
      `subjectAltName=${names}`,
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
    valid: identity('good', 'IP:127.0.0.1,DNS:provider.test', '2'),
    expired: identity('expired', 'IP:127.0.0.1', '-1'),
    wrongName: identity('other', 'DNS:elsewhere.test', '2'),
    selfSigned: {
      key: readFileSync(join(folder, 'self.key'), 'utf8'),
      cert: readFileSync(join(folder, 'self.pem'), 'utf8'),
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
