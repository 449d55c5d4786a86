/** Environment of one batch soak round: simulator and app in separate processes, with imported sessions. */
import { setTimeout as pass } from 'node:timers/promises';
import {
  emptySessionFilter,
  importParseOptions,
  type Batch,
  type CoreCallName,
  type CallOutput,
  type ParsedInput,
  type Connection,
  type Product,
  type ProviderName,
  type Session,
} from '../../src-main/contract/index.ts';
import { practiceAccounts, type SimulatedSession } from '../../src-main/core/simulator/index.ts';
import { randomInteger, pick, pickWeighted, type RandomSource } from '../../src-main/core/simulator/random.ts';
import { addConnections, createTempFolder, sessionPageInput, reason } from '../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../support/spawn-simulator.ts';
import { spawnApp, type SpawnedApp } from '../support/spawn-app.ts';

/** Short, so that unanswered requests time out soon, but longer than the highest latency of a round. */
const shortTimeouts = { startDelayMs: 20, responseTimeoutMs: 600 };
/** For the phase without faults: even a busy machine responds within this time. */
const longTimeouts = { ...shortTimeouts, responseTimeoutMs: 20_000 };

export const endedStates: readonly Batch['state'][] = ['finished', 'stopped', 'called_off'];

export class SoakEnvironment {
  readonly random: RandomSource;
  readonly simulator: SpawnedSimulator;
  readonly dataFolder: string;
  /** IDs of the sessions that were cancelled individually. */
  readonly manuallyCancelledIds = new Set<string>();
  connections: Record<ProviderName, Connection> | null = null;
  /** The tracked sessions. */
  sessions: Session[] = [];
  killCount = 0;
  #app: SpawnedApp;
  #pendingCalls = new Set<Promise<unknown>>();

  private constructor(options: {
    random: RandomSource;
    simulator: SpawnedSimulator;
    app: SpawnedApp;
    dataFolder: string;
  }) {
    ({ random: this.random, simulator: this.simulator, app: this.#app, dataFolder: this.dataFolder } = options);
  }

  static async open(seed: number, random: RandomSource, sessionCount: number): Promise<SoakEnvironment> {
    const simulator = await spawnSimulator({ seed, sessionCount });
    const dataFolder = createTempFolder();
    const environment = new SoakEnvironment({
      random,
      simulator,
      dataFolder,
      app: await spawnApp(dataFolder, [], shortTimeouts),
    });
    try {
      await environment.#seed(sessionCount);
    } catch (error) {
      await environment.dispose();
      throw error;
    }
    return environment;
  }

  call<Name extends CoreCallName>(name: Name, input: ParsedInput<Name>): Promise<CallOutput<Name>> {
    return this.#app.call(name, input);
  }

  /** Starts a call without waiting for the response, because the app can be killed first. */
  callInBackground<Name extends CoreCallName>(name: Name, input: ParsedInput<Name>): void {
    const pendingCall = this.#app
      .call(name, input)
      .catch(() => undefined)
      .finally(() => this.#pendingCalls.delete(pendingCall));
    this.#pendingCalls.add(pendingCall);
  }

  async waitForPendingCalls(): Promise<void> {
    await Promise.all(this.#pendingCalls);
  }

  /** Kills the app and starts it again with the same folder and keychain. */
  async killAndRestart(): Promise<void> {
    await this.#app.kill();
    this.#pendingCalls = new Set();
    this.killCount += 1;
    this.#app = await spawnApp(this.dataFolder, this.#app.secrets(), shortTimeouts);
  }

  /** Closes the app and starts it with long timeouts. */
  async restartWithLongTimeouts(): Promise<void> {
    await this.waitForPendingCalls();
    await this.#app.close();
    this.#app = await spawnApp(this.dataFolder, this.#app.secrets(), longTimeouts);
  }

  /** Closes the app regularly. */
  async closeApp(): Promise<void> {
    await this.#app.close();
  }

  async dispose(): Promise<void> {
    await this.#app.kill();
    await this.simulator.stop();
  }

  /** Waits until the plan is complete and confirms it. */
  async confirmWhenPlanned(plan: Promise<Batch>): Promise<Batch> {
    const { id } = await plan;
    const planned = await this.waitUntil(`plan ${id} is complete`, async () => {
      const batch = await this.call('batches.get', { batchId: id });
      return batch.state === 'planning' ? null : batch;
    });
    if (planned.state !== 'planned') throw new Error(`The plan is ${planned.state}`);
    const typedCount = planned.requiresTypedCount ? planned.eligible : null;
    return await this.call('batches.confirm', { batchId: id, digest: planned.digest ?? '', reason, typedCount });
  }

  async waitUntil<Value>(description: string, read: () => Promise<Value | null>): Promise<Value> {
    const deadline = Date.now() + 240_000;
    for (;;) {
      const value = await read();
      if (value !== null) return value;
      if (Date.now() > deadline) throw new Error(`Timeout while waiting until ${description}`);
      await pass(25);
    }
  }

  /** Sets random or high rate limits, so that random actions happen in the middle of a batch. */
  async setRateLimits(fast = false): Promise<void> {
    for (const { id } of Object.values(this.connections ?? {})) {
      const perSecond = fast ? 200 : pick(this.random, [20, 50, 100, 200]);
      await this.call('rateLimits.change', {
        connectionId: id,
        perSecond,
        maxInFlight: fast ? 16 : randomInteger(this.random, 1, 16),
      });
    }
  }

  async #seed(count: number): Promise<void> {
    const { random, simulator } = this;
    await simulator.control('updateConfig', {
      flinks: {
        tokenUse: pick(random, ['reusable', 'single_use']),
        errorFormat: pick(random, ['oauth', 'problem_details', 'html', 'text']),
        cancelledSpelling: pick(random, ['Canceled', 'Cancelled']),
        includesETransferDetails: random() < 0.5,
        supportsETransferCancel: random() < 0.8,
        statusWithoutToken: pick(random, ['answered', 'unauthorized', 'forbidden']),
      },
      xendit: { amountType: pick(random, ['number', 'string']), maxRequestsPerMinute: 1_000_000 },
    });
    for (let index = 0; index < count / 20; index += 1)
      await simulator.control('addSession', randomUnusualSession(random));
    this.connections = await addConnections(
      { handlers: connectionHandlers(this) } as Parameters<typeof addConnections>[0],
      simulator,
    );
    for (const [name, { id }] of Object.entries(this.connections) as [ProviderName, Connection][]) {
      const known = (await simulator.control('listSessions')).filter(({ connection }) => connection === name);
      // Some sessions are not imported.
      await this.#importSessions(
        id,
        name,
        known.filter(() => random() > 0.04),
      );
    }
    await this.setRateLimits();
    for (let after: string | null = null, page; page === undefined || after !== null; after = page.next) {
      page = await this.call('sessions.list', { ...sessionPageInput({}), after });
      this.sessions.push(...page.rows);
    }
  }

  async #importSessions(
    connectionId: string,
    provider: ProviderName,
    sessions: readonly SimulatedSession[],
  ): Promise<void> {
    const lines = sessions.map(
      ({ product, id, reference, amount, currency, listedStatus, subAccount, createdAt, expiresAt }) =>
        JSON.stringify({
          id,
          product,
          reference,
          amount,
          currency,
          status: listedStatus,
          sub_account: subAccount,
          created_at: createdAt,
          expires_at: expiresAt,
        }),
    );
    const bytes = Buffer.from(lines.join('\n'));
    const product: Product = provider === 'flinks' ? 'geft' : 'payment_session';
    const { importId } = await this.call('imports.start', {
      connectionId,
      product,
      fileName: `${provider}.jsonl`,
      byteLength: bytes.length,
      source: 'imported',
      shouldWrite: true,
      onInvalidLine: 'stop',
      parseOptions: importParseOptions.parse({ format: 'json_lines' }),
    });
    for (let offset = 0; offset < bytes.length; offset += 300_000) {
      await this.call('imports.addChunk', {
        importId,
        offset,
        bytes: bytes.subarray(offset, offset + 300_000).toString('base64'),
      });
    }
    const { state, added, error } = await this.call('imports.finish', { importId });
    if (state !== 'finished' || added !== sessions.length)
      throw new Error(
        `The import of ${provider} is ${state} with ${added} of ${sessions.length}: ${error?.message ?? ''}`,
      );
  }

  /** A random plan selection by filter or by keys that excludes some sessions. */
  randomSelection(): ParsedInput<'batches.plan'> {
    const { random, sessions } = this;
    if (random() < 0.5) return { sessionKeys: sessions.filter(() => random() < 0.75).map(({ key }) => key) };
    const excludedKeys = sessions.filter(() => random() < 0.05).map(({ key }) => key);
    const conditions = pickWeighted<Partial<typeof emptySessionFilter>>(random, [
      [{ statuses: ['active', 'unknown', 'in_progress'] }, 4],
      [{ providers: ['flinks'] }, 1],
      [{ providers: ['xendit'] }, 1],
      [{ search: '1' }, 1],
      [{}, 1],
    ]);
    return { filter: { ...emptySessionFilter, ...conditions }, excludedKeys };
  }
}

function connectionHandlers(environment: SoakEnvironment) {
  return { 'connections.add': (input: ParsedInput<'connections.add'>) => environment.call('connections.add', input) };
}

/** A session that a merchant's list contains by mistake or with an outdated status. */
function randomUnusualSession(random: RandomSource): Partial<SimulatedSession> & { connection: ProviderName } {
  const connection = pick(random, ['flinks', 'xendit'] as const);
  const subAccount = connection === 'xendit' && random() < 0.2 ? practiceAccounts.xendit.subAccount : null;
  return {
    connection,
    subAccount,
    listedStatus: 'active',
    account: random() < 0.3 ? 'other' : 'practice',
    state: pick(random, ['active', 'in_progress', 'completed', 'expired', 'cancelled', 'unknown']),
    ...(connection === 'flinks' && { product: pick(random, ['geft', 'eft', 'e_transfer'] as const) }),
  };
}
