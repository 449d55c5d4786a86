/**
 * The control interface of a running simulator, and its HTTP routes for tests that run the simulator in another
 * process.
 */
import { timingSafeEqual } from 'node:crypto';
import type { ProviderName, SessionStatus } from '../../contract/index.ts';
import type { SimulatedResponse } from './handle-request.ts';
import type { NewSimulatedSession } from './provider-state.ts';
import { getHeader, type HttpRequest } from './http-request.ts';
import type { FaultRule, RouteKind } from './faults.ts';
import type { LogRecord } from './event-log.ts';
import type { MerchantSession, SimulatedSession } from './simulated-session.ts';
import type { SimulatorConfigPatch } from './config.ts';

/** One received request without its credentials. The newest 50,000 are held in memory. */
export interface RecordedRequest {
  readonly provider: ProviderName;
  readonly route: RouteKind;
  readonly method: string;
  readonly path: string;
  readonly id: string | null;
  /** The name of every received header line, in lower case. A header that was sent twice is listed twice. */
  readonly headers: readonly string[];
  readonly forUserId: string | null;
  /** Milliseconds since the epoch, by the simulator's clock. */
  readonly at: number;
}

/** The commands of a running simulator, in the same process or over HTTP. */
export interface SimulatorControl {
  /** Replaces all faults; an empty list ends them. Requests that a latency delays continue at once. */
  setFaults(rules: readonly FaultRule[], seed?: number): void;
  updateConfig(changes: SimulatorConfigPatch): void;
  addSession(session: NewSimulatedSession): SimulatedSession;
  /**
   * Changes the state of a session without a request, as if for example the payer had paid. With `onlyFrom`, changes it
   * only if it is still in that state.
   */
  setState(id: string, state: SessionStatus, onlyFrom?: SessionStatus): void;
  /** Advances the simulator's clock: tokens and sessions expire, rate limits recover. */
  advanceClock(milliseconds: number): void;
  getSession(id: string): SimulatedSession | null;
  listSessions(): readonly SimulatedSession[];
  /** The list to import, as it was created at the first start. */
  listMerchantSessions(): readonly MerchantSession[];
  listLogRecords(): readonly LogRecord[];
  /** The number of cancel requests for this session that reached the provider. */
  countCancelRequests(id: string): number;
  /** The number of cancel requests that cancelled this session. */
  countCancelEffects(id: string): number;
  listRequests(): readonly RecordedRequest[];
  /** The newest access tokens that Flinks issued. */
  listIssuedTokens(): readonly string[];
}

export const controlTokenHeader = 'x-simulator-token';

function isEqualConstantTime(left: string, right: string): boolean {
  const [leftBytes, rightBytes] = [Buffer.from(left), Buffer.from(right)];
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}

/**
 * The response to `POST /_simulator/control/<name>`. The body is a JSON array of arguments, the response is
 * `{ value }`, and a request without the token gets 404.
 */
export function handleControlRequest(
  control: SimulatorControl,
  token: string,
  request: HttpRequest,
): SimulatedResponse {
  const name = request.path.slice(request.path.lastIndexOf('/') + 1);
  const command = new Map<string, (...args: never[]) => unknown>(Object.entries(control)).get(name);
  if (command === undefined || !isEqualConstantTime(getHeader(request, controlTokenHeader), token))
    return { status: 404 };
  try {
    return { status: 200, body: { value: command(...(JSON.parse(request.body) as never[])) ?? null } };
  } catch (error) {
    return { status: 400, body: { message: error instanceof Error ? error.message : String(error) } };
  }
}
