/** What can be asked of a running simulator, and the same over HTTP for tests whose simulator is another process. */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ProviderName, SessionStatus } from '../../contract/index.ts';
import type { NewSimulatedSession } from './provider-state.ts';
import { getHeader } from './request-headers.ts';
import type { FaultRule, RouteKind } from './faults.ts';
import type { LogRecord } from './event-log.ts';
import type { MerchantSession, SimulatedSession } from './simulated-session.ts';
import type { SimulatorConfigPatch } from './config.ts';

/** One request as it was seen, without credentials: kept in memory, the newest 50,000. */
export interface RecordedRequest {
  readonly provider: ProviderName;
  readonly route: RouteKind;
  readonly method: string;
  readonly path: string;
  readonly id: string | null;
  /** The name of every header line that came, in lower case: one sent twice is here twice. */
  readonly headers: readonly string[];
  readonly forUserId: string | null;
  /** Milliseconds, by the simulator's clock. */
  readonly at: number;
}

/** Everything that can be asked of a running simulator, in process or over its control. */
export interface SimulatorControl {
  /** Replaces all faults; an empty list ends them. */
  setFaults(rules: readonly FaultRule[], seed?: number): void;
  updateConfig(changes: SimulatorConfigPatch): void;
  addSession(session: NewSimulatedSession): SimulatedSession;
  /** Changes a session behind the console's back, e.g. as if the payer had paid; where a state is named, only a session that is still in it. */
  setState(id: string, state: SessionStatus, onlyFrom?: SessionStatus): void;
  /** Moves the simulator's clock on: tokens end, sessions expire, rate limits recover. */
  advanceClock(milliseconds: number): void;
  getSession(id: string): SimulatedSession | null;
  listSessions(): readonly SimulatedSession[];
  /** The list to import, as it was drawn up at the very first start. */
  listMerchantSessions(): readonly MerchantSession[];
  listLogRecords(): readonly LogRecord[];
  /** How many cancel requests for this session reached the provider. */
  countCancelRequests(id: string): number;
  /** How many of them really cancelled it. */
  countCancelEffects(id: string): number;
  listRequests(): readonly RecordedRequest[];
  /** The newest access tokens that Flinks gave out. */
  listIssuedTokens(): readonly string[];
}

export const controlTokenHeader = 'x-simulator-token';

function isEqualConstantTime(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Adds `POST /_simulator/control/<name>`: arguments as a JSON list, `{ value }` back, 404 without the token. */
export function registerControlRoutes(app: FastifyInstance, control: SimulatorControl, token: string): void {
  const commands = new Map<string, (...given: never[]) => unknown>(Object.entries(control));
  app.post<{ Params: { name: string } }>('/_simulator/control/:name', async (request, reply) => {
    const command = commands.get(request.params.name);
    if (command === undefined || !isEqualConstantTime(getHeader(request, controlTokenHeader), token))
      return reply.code(404).send();
    try {
      const given = JSON.parse(String(request.body)) as never[];
      return await reply.send({ value: command(...given) ?? null });
    } catch (error) {
      return await reply.code(400).send({ message: error instanceof Error ? error.message : String(error) });
    }
  });
}
