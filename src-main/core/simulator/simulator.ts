/** The simulated Flinks Pay and Xendit on one loopback port, for practice and for tests. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { practiceAccounts, toMerchantSession } from './simulated-session.ts';
import { ProviderState, startAutoProgress } from './provider-state.ts';
import { handleControlRequest, type RecordedRequest, type SimulatorControl } from './control.ts';
import { handleRequest, sendResponse } from './handle-request.ts';
import { getHeader, receiveRequest } from './http-request.ts';
import { FaultInjector } from './faults.ts';
import { FlinksSimulator } from './flinks-simulator.ts';
import type { LogRecord } from './event-log.ts';
import { mergeConfig, defaultConfig, type SimulatorConfigPatch } from './config.ts';
import { XenditSimulator } from './xendit-simulator.ts';

export interface SimulatorOptions {
  /** 0, the default, selects a free port. */
  readonly port?: number;
  /** 1 if absent. The seed and the counts of an existing log take precedence. */
  readonly seed?: number;
  /** Number of seeded sessions; 2,400 if absent, and at least the training sessions. */
  readonly sessionCount?: number;
  /** Number of additional sessions of a campaign; 0 if absent. The number of an existing log takes precedence. */
  readonly bulkSessionCount?: number;
  /** The file of the event log, which lets practice continue after a restart. If absent, the log is in memory only. */
  readonly logFile?: string;
  /** Simulates payers that start and pay sessions. Used for practice, not in tests. */
  readonly autoProgress?: boolean;
  /** If set, the control is also available over HTTP for requests with this token. */
  readonly controlToken?: string;
  readonly config?: SimulatorConfigPatch;
}

export interface Simulator extends SimulatorControl {
  /** The base URL of both connections, such as `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly credentials: typeof practiceAccounts;
  onRecord(listener: (record: LogRecord) => void): () => void;
  /** Closes every connection, including hanging ones. A second call has no effect. */
  close(): Promise<void>;
}

const maxRetainedRequests = 50_000;

/** Starts both providers on 127.0.0.1. Throws if the port is in use or the log is damaged. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const providerState = new ProviderState({
    seed: options.seed ?? 1,
    sessionCount: options.sessionCount ?? 2_400,
    bulkSessionCount: options.bulkSessionCount ?? 0,
    logFile: options.logFile ?? null,
    clock: Date.now,
  });
  const faults = new FaultInjector();
  const shutdownController = new AbortController();
  let config = mergeConfig(defaultConfig, options.config ?? {});
  let recordedRequests: RecordedRequest[] = [];

  const flinks = new FlinksSimulator(providerState, () => config);
  const xendit = new XenditSimulator(providerState, () => config);

  const control: SimulatorControl = {
    setFaults: (rules, seed) => faults.setRules(rules, seed),
    updateConfig: (changes) => {
      config = mergeConfig(config, changes);
    },
    addSession: (session) => providerState.add(session),
    setState: (id, state, onlyFrom) => {
      const session = providerState.find(id);
      if (session === undefined) throw new Error(`The session ${id} does not exist.`);
      if (onlyFrom === undefined || session.state === onlyFrom) providerState.setState(session, state, 'control');
    },
    advanceClock: (milliseconds) => providerState.advanceClock(milliseconds),
    getSession: (id) => providerState.find(id) ?? null,
    listSessions: () => providerState.list(),
    listMerchantSessions: () => providerState.listSeededSessions().map(toMerchantSession),
    listLogRecords: () => providerState.eventLog.records(),
    countCancelRequests: (id) => providerState.eventLog.countCancelRequests(id),
    countCancelEffects: (id) => providerState.eventLog.countCancelEffects(id),
    listRequests: () => recordedRequests.slice(-maxRetainedRequests),
    listIssuedTokens: () => flinks.listIssuedTokens(),
  };

  // The real servers ignore the body of a cancel call and its content type, so no request is refused because of them.
  async function respond(message: IncomingMessage, response: ServerResponse): Promise<void> {
    // The real name of the header is not documented (providers.md 2.1). This is one of the two names that the app
    // reads.
    response.setHeader('request-id', randomUUID());
    const request = await receiveRequest(message);
    const simulatedRequest = flinks.match(request) ?? xendit.match(request);
    if (simulatedRequest !== undefined) {
      const { provider, route, path, id } = simulatedRequest;
      const forUserId = getHeader(request, 'for-user-id') || null;
      const { method, headerNames } = request;
      recordedRequests.push({
        provider,
        route,
        path,
        id,
        method,
        headers: headerNames,
        forUserId,
        at: providerState.now(),
      });
      if (recordedRequests.length > 2 * maxRetainedRequests)
        recordedRequests = recordedRequests.slice(-maxRetainedRequests);
      return handleRequest(providerState, faults, shutdownController.signal, simulatedRequest, response);
    }
    if (request.path.startsWith('/_simulator/redirected/')) {
      providerState.eventLog.append({ kind: 'redirect_followed', path: request.url }, providerState.now());
      return sendResponse(response, { status: 200, body: {} });
    }
    const isControl = request.method === 'POST' && /^\/_simulator\/control\/\w+$/.test(request.path);
    sendResponse(
      response,
      isControl && options.controlToken !== undefined
        ? handleControlRequest(control, options.controlToken, request)
        : { status: 404 },
    );
  }

  // Longer than the client keeps an idle socket, so that the client never sends a request on a socket that is closing.
  const server = createServer({ keepAliveTimeout: 72_000 }, (message, response) => {
    respond(message, response).catch(() => {
      if (response.headersSent) response.destroy();
      else sendResponse(response, { status: 400 });
    });
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stopAutoProgress = options.autoProgress === true ? startAutoProgress(providerState) : () => undefined;
  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    stopAutoProgress();
    shutdownController.abort();
    const serverClosed = once(server.close(), 'close');
    server.closeAllConnections();
    await serverClosed;
    providerState.eventLog.close();
  };
  return {
    ...control,
    url,
    credentials: practiceAccounts,
    onRecord: (listener) => providerState.eventLog.onRecord(listener),
    close: () => (closed ??= close()),
  };
}
