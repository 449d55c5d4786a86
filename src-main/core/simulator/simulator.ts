/** The simulated Flinks Pay and Xendit on one loopback port: for practice inside the console, and for tests. */
import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { practiceAccounts } from './accounts.ts';
import { ProviderState } from './provider-state.ts';
import { registerControlRoutes } from './control.ts';
import type { RecordedRequest, SimulatorControl } from './control.ts';
import { handleRequest } from './handle-request.ts';
import { FaultInjector } from './faults.ts';
import { FlinksSimulator } from './flinks-simulator.ts';
import { startAutoProgress } from './auto-progress.ts';
import type { LogRecord } from './event-log.ts';
import { toMerchantSession } from './simulated-session.ts';
import type { ServerContext } from './server-context.ts';
import { mergeConfig, defaultConfig } from './config.ts';
import type { SimulatorConfigPatch } from './config.ts';
import { XenditSimulator } from './xendit-simulator.ts';

export interface SimulatorOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** 1 where absent. An existing log's own seed and count win. */
  readonly seed?: number;
  /** How many sessions are seeded; 2,400 where absent, and never fewer than the training sessions. */
  readonly sessionCount?: number;
  /** How many more a campaign left behind; none where absent. An existing log's own number wins. */
  readonly bulkSessionCount?: number;
  /** Where the oracle log is kept, so that practice goes on after a restart; in memory alone where absent. */
  readonly logFile?: string;
  /** Payers pay by themselves now and then. For practice; off in tests. */
  readonly autoProgress?: boolean;
  /** Offers the control over HTTP too, for whoever shows this token. */
  readonly controlToken?: string;
  readonly config?: SimulatorConfigPatch;
}

export interface Simulator extends SimulatorControl {
  /** The server root: the base URL of both connections, e.g. `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly credentials: typeof practiceAccounts;
  onRecord(listener: (record: LogRecord) => void): () => void;
  /** Ends every connection, also those that hang. Safe to call twice. */
  close(): Promise<void>;
}

const maxRetainedRequests = 50_000;

/** Starts both providers on 127.0.0.1. Throws where the port is taken or the log is damaged. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const providerState = new ProviderState({
    seed: options.seed ?? 1,
    sessionCount: options.sessionCount ?? 2_400,
    bulkSessionCount: options.bulkSessionCount ?? 0,
    logFile: options.logFile ?? null,
    clock: Date.now,
  });
  const faults = new FaultInjector();
  const closing = new AbortController();
  let config = mergeConfig(defaultConfig, options.config ?? {});
  let seen: RecordedRequest[] = [];

  const app = Fastify({ logger: false, forceCloseConnections: true, routerOptions: { maxParamLength: 500 } });
  // Real servers read a cancel's body no more than its content type: none of it may be refused here.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setNotFoundHandler((_request, reply) => reply.code(404).send());
  app.addHook('onRequest', (_request, reply, done) => {
    // The header's real name is not documented (providers.md 2.1); this is one of the two to look for.
    reply.header('request-id', randomUUID());
    done();
  });

  const context: ServerContext = {
    app,
    providerState,
    config: () => config,
    handle: (question, request, reply) => {
      const { provider, route, path, id } = question;
      const forUserId = request.headers['for-user-id'];
      seen.push({
        provider,
        route,
        path,
        id,
        method: request.method,
        headers: request.raw.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()),
        forUserId: typeof forUserId === 'string' ? forUserId : null,
        at: providerState.now(),
      });
      if (seen.length > 2 * maxRetainedRequests) seen = seen.slice(-maxRetainedRequests);
      return handleRequest(providerState, faults, closing.signal, question, reply);
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
      if (session === undefined) throw new Error(`There is no session ${id}.`);
      if (onlyFrom === undefined || session.state === onlyFrom) providerState.setState(session, state, 'control');
    },
    advanceClock: (milliseconds) => providerState.advanceClock(milliseconds),
    getSession: (id) => providerState.find(id) ?? null,
    listSessions: () => providerState.list(),
    listMerchantSessions: () => providerState.listSeededSessions().map(toMerchantSession),
    listLogRecords: () => providerState.eventLog.records(),
    countCancelRequests: (id) => providerState.eventLog.countCancelRequests(id),
    countCancelEffects: (id) => providerState.eventLog.countCancelEffects(id),
    listRequests: () => seen.slice(-maxRetainedRequests),
    listIssuedTokens: () => flinks.listIssuedTokens(),
  };
  if (options.controlToken !== undefined) registerControlRoutes(app, control, options.controlToken);

  const url = await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  const stopAutoProgress = options.autoProgress === true ? startAutoProgress(providerState) : () => undefined;
  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    stopAutoProgress();
    closing.abort();
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
