/** The simulated Flinks Pay and Xendit on one loopback port: for practice inside the console, and for tests. */
import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { practiceAccounts } from './accounts.ts';
import { Bank } from './provider-state.ts';
import { registerControl } from './control.ts';
import type { SeenRequest, SimulatorControl } from './control.ts';
import { exchange } from './handle-request.ts';
import { Faults } from './faults.ts';
import { FlinksPay } from './flinks-simulator.ts';
import { startLife } from './auto-progress.ts';
import type { LogRecord } from './event-log.ts';
import { listedPart } from './simulated-session.ts';
import type { Stage } from './server-context.ts';
import { changedSwitches, usualSwitches } from './config.ts';
import type { SwitchChanges } from './config.ts';
import { XenditSessions } from './xendit-simulator.ts';

export interface SimulatorOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** 1 where absent. An existing log's own seed and count win. */
  readonly seed?: number;
  /** How many sessions are seeded; 2,400 where absent, and never fewer than the training sessions. */
  readonly sessions?: number;
  /** How many more a campaign left behind; none where absent. An existing log's own number wins. */
  readonly campaign?: number;
  /** Where the oracle log is kept, so that practice goes on after a restart; in memory alone where absent. */
  readonly logFile?: string;
  /** Payers pay by themselves now and then. For practice; off in tests. */
  readonly lively?: boolean;
  /** Offers the control over HTTP too, for whoever shows this token. */
  readonly controlToken?: string;
  readonly switches?: SwitchChanges;
}

export interface Simulator extends SimulatorControl {
  /** The server root: the base URL of both connections, e.g. `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly credentials: typeof practiceAccounts;
  onRecord(listener: (record: LogRecord) => void): () => void;
  /** Ends every connection, also those that hang. Safe to call twice. */
  close(): Promise<void>;
}

const keptRequests = 50_000;

/** Starts both providers on 127.0.0.1. Throws where the port is taken or the log is damaged. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const bank = new Bank({
    seed: options.seed ?? 1,
    count: options.sessions ?? 2_400,
    campaign: options.campaign ?? 0,
    logFile: options.logFile ?? null,
    clock: Date.now,
  });
  const faults = new Faults();
  const closing = new AbortController();
  let switches = changedSwitches(usualSwitches, options.switches ?? {});
  let seen: SeenRequest[] = [];

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

  const stage: Stage = {
    app,
    bank,
    switches: () => switches,
    exchange: (question, request, reply) => {
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
        at: bank.now(),
      });
      if (seen.length > 2 * keptRequests) seen = seen.slice(-keptRequests);
      return exchange(bank, faults, closing.signal, question, reply);
    },
  };
  const flinks = new FlinksPay(stage);
  flinks.register();
  new XenditSessions(stage).register();
  app.all('/_simulator/redirected/*', (request, reply) => {
    bank.log.append({ kind: 'redirect_followed', path: request.url }, bank.now());
    return reply.code(200).send({});
  });

  const control: SimulatorControl = {
    setFaults: (rules, seed) => faults.set(rules, seed),
    setSwitches: (changes) => {
      switches = changedSwitches(switches, changes);
    },
    addSession: (session) => bank.add(session),
    setState: (id, state, onlyFrom) => {
      const session = bank.find(id);
      if (session === undefined) throw new Error(`There is no session ${id}.`);
      if (onlyFrom === undefined || session.state === onlyFrom) bank.change(session, state, 'control');
    },
    advance: (milliseconds) => bank.advance(milliseconds),
    session: (id) => bank.find(id) ?? null,
    sessions: () => bank.all(),
    listed: () => bank.seeded().map(listedPart),
    records: () => bank.log.records(),
    cancelRequests: (id) => bank.log.cancelRequests(id),
    cancelEffects: (id) => bank.log.cancelEffects(id),
    requests: () => seen.slice(-keptRequests),
    issuedTokens: () => flinks.issuedTokens(),
  };
  if (options.controlToken !== undefined) registerControl(app, control, options.controlToken);

  const url = await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  const endLife = options.lively === true ? startLife(bank) : () => undefined;
  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    endLife();
    closing.abort();
    await app.close();
    bank.log.close();
  };
  return {
    ...control,
    url,
    credentials: practiceAccounts,
    onRecord: (listener) => bank.log.onRecord(listener),
    close: () => (closed ??= close()),
  };
}
