/** The simulated Flinks Pay and Xendit on one loopback port, for practice and for tests. */
import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { practiceAccounts, toMerchantSession } from './simulated-session.ts';
import { ProviderState, startAutoProgress } from './provider-state.ts';
import { registerControlRoutes, type RecordedRequest, type SimulatorControl } from './control.ts';
import { handleRequest, type ServerContext } from './handle-request.ts';
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

  const app = Fastify({ logger: false, forceCloseConnections: true, routerOptions: { maxParamLength: 500 } });
  // The real servers ignore the body of a cancel call and its content type, so no request is refused because of them.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setNotFoundHandler((_request, reply) => reply.code(404).send());
  app.addHook('onRequest', (_request, reply, done) => {
    // The real name of the header is not documented (providers.md 2.1). This is one of the two names that the app
    // reads.
    reply.header('request-id', randomUUID());
    done();
  });

  const context: ServerContext = {
    app,
    providerState,
    config: () => config,
    handle: (simulatedRequest, request, reply) => {
      const { provider, route, path, id } = simulatedRequest;
      const forUserId = request.headers['for-user-id'];
      recordedRequests.push({
        provider,
        route,
        path,
        id,
        method: request.method,
        headers: request.raw.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()),
        forUserId: typeof forUserId === 'string' ? forUserId : null,
        at: providerState.now(),
      });
      if (recordedRequests.length > 2 * maxRetainedRequests)
        recordedRequests = recordedRequests.slice(-maxRetainedRequests);
      return handleRequest(providerState, faults, shutdownController.signal, simulatedRequest, reply);
    },
  };
  const flinks = new FlinksSimulator(context);
  flinks.registerRoutes();
  new XenditSimulator(context).registerRoutes();
  app.all('/_simulator/redirected/*', (request, reply) => {
    providerState.eventLog.append({ kind: 'redirect_followed', path: request.url }, providerState.now());
    return reply.code(200).send({});
  });

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
  if (options.controlToken !== undefined) registerControlRoutes(app, control, options.controlToken);

  const url = await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  const stopAutoProgress = options.autoProgress === true ? startAutoProgress(providerState) : () => undefined;
  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    stopAutoProgress();
    shutdownController.abort();
    await app.close();
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
