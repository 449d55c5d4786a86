/** What a round of bulk cancellation is played on: a simulator and a console, each in a process of its own, with its sessions imported. */
import { setTimeout as pass } from 'node:timers/promises';
import {
  allSessions,
  importReading,
  type Batch,
  type CallName,
  type CallOutput,
  type CheckedInput,
  type Connection,
  type Product,
  type ProviderName,
  type Session,
} from '../../src-main/contract/index.ts';
import { practiceAccounts, type SimulatedSession } from '../../src-main/core/simulator/index.ts';
import { between, pick, pickWeighted, type Random } from '../../src-main/core/simulator/random.ts';
import { connect, freshFolder, listed, reason } from '../support/app.ts';
import { spawnSimulator, type SpawnedSimulator } from '../support/spawn-simulator.ts';
import { spawnDesk, type SpawnedDesk } from '../support/spawn-app.ts';

/** Short, so that a request that is never answered is given up soon; longer than the longest latency of a round. */
const hurried = { armedMs: 20, answerLimitMs: 600 };
/** Once nothing goes wrong any more: even a busy machine answers within this. */
const patient = { ...hurried, answerLimitMs: 20_000 };

export const endedStates: readonly Batch['state'][] = ['finished', 'stopped', 'called_off'];

export class Stage {
  readonly random: Random;
  readonly simulator: SpawnedSimulator;
  readonly dataFolder: string;
  /** The ids that were asked for one by one. */
  readonly byHand = new Set<string>();
  connections: Record<ProviderName, Connection> | null = null;
  /** Those that are tracked. */
  sessions: Session[] = [];
  kills = 0;
  #desk: SpawnedDesk;
  #pending = new Set<Promise<unknown>>();

  private constructor(parts: { random: Random; simulator: SpawnedSimulator; desk: SpawnedDesk; dataFolder: string }) {
    ({ random: this.random, simulator: this.simulator, desk: this.#desk, dataFolder: this.dataFolder } = parts);
  }

  static async open(seed: number, random: Random, count: number): Promise<Stage> {
    const simulator = await spawnSimulator({ seed, sessions: count });
    const dataFolder = freshFolder();
    const stage = new Stage({ random, simulator, dataFolder, desk: await spawnDesk(dataFolder, [], hurried) });
    try {
      await stage.#furnish(count);
    } catch (error) {
      await stage.end();
      throw error;
    }
    return stage;
  }

  call<Name extends CallName>(name: Name, input: CheckedInput<Name>): Promise<CallOutput<Name>> {
    return this.#desk.call(name, input);
  }

  /** Asks and waits for no answer: a kill may come before it. */
  begin<Name extends CallName>(name: Name, input: CheckedInput<Name>): void {
    const asked = this.#desk
      .call(name, input)
      .catch(() => undefined)
      .finally(() => this.#pending.delete(asked));
    this.#pending.add(asked);
  }

  async answered(): Promise<void> {
    await Promise.all(this.#pending);
  }

  /** Ends the console without warning and starts it again on the same folder and keychain. */
  async killAndStart(): Promise<void> {
    await this.#desk.kill();
    this.#pending = new Set();
    this.kills += 1;
    this.#desk = await spawnDesk(this.dataFolder, this.#desk.secrets(), hurried);
  }

  /** Ends the console as an operator does, and starts one that waits for answers as long as they take. */
  async startPatiently(): Promise<void> {
    await this.answered();
    await this.#desk.close();
    this.#desk = await spawnDesk(this.dataFolder, this.#desk.secrets(), patient);
  }

  /** Ends the console as an operator does. */
  async closeDesk(): Promise<void> {
    await this.#desk.close();
  }

  async end(): Promise<void> {
    await this.#desk.kill();
    await this.simulator.stop();
  }

  /** Plans, waits until the plan is made, and confirms it as it is. */
  async confirmed(plan: Promise<Batch>): Promise<Batch> {
    const { id } = await plan;
    const planned = await this.until(`plan ${id} is made`, async () => {
      const batch = await this.call('batches.get', { batchId: id });
      return batch.state === 'planning' ? null : batch;
    });
    if (planned.state !== 'planned') throw new Error(`The plan is ${planned.state}`);
    const typedCount = planned.needsCount ? planned.asked : null;
    return await this.call('batches.confirm', { batchId: id, digest: planned.digest ?? '', reason, typedCount });
  }

  async until<Value>(what: string, look: () => Promise<Value | null>): Promise<Value> {
    const last = Date.now() + 240_000;
    for (;;) {
      const found = await look();
      if (found !== null) return found;
      if (Date.now() > last) throw new Error(`It took too long until ${what}`);
      await pass(25);
    }
  }

  /** As fast as the simulator bears, so that what happens at random falls into the middle of it. */
  async setPace(fast = false): Promise<void> {
    for (const { id } of Object.values(this.connections ?? {})) {
      const perSecond = fast ? 200 : pick(this.random, [20, 50, 100, 200]);
      await this.call('pace.change', {
        connectionId: id,
        perSecond,
        inFlight: fast ? 16 : between(this.random, 1, 16),
      });
    }
  }

  async #furnish(count: number): Promise<void> {
    const { random, simulator } = this;
    await simulator.control('setSwitches', {
      flinks: {
        tokens: pick(random, ['reusable', 'single_use']),
        errors: pick(random, ['prose', 'problem', 'html', 'text']),
        spelling: pick(random, ['Canceled', 'Cancelled']),
        eTransferDetails: random() < 0.5,
        eTransferCancel: random() < 0.8,
        statusWithoutToken: pick(random, ['answered', 'unauthorized', 'forbidden']),
      },
      xendit: { amountAs: pick(random, ['number', 'string']), limitPerMinute: 1_000_000 },
    });
    for (let index = 0; index < count / 20; index += 1) await simulator.control('addSession', oddSession(random));
    this.connections = await connect({ handlers: handlersOf(this) } as Parameters<typeof connect>[0], simulator);
    for (const [name, { id }] of Object.entries(this.connections) as [ProviderName, Connection][]) {
      const known = (await simulator.control('sessions')).filter(({ connection }) => connection === name);
      // A few are nobody's business.
      await this.#import(
        id,
        name,
        known.filter(() => random() > 0.04),
      );
    }
    await this.setPace();
    for (let after: string | null = null, page; page === undefined || after !== null; after = page.next) {
      page = await this.call('sessions.page', { ...listed({}), after });
      this.sessions.push(...page.rows);
    }
  }

  async #import(connectionId: string, provider: ProviderName, sessions: readonly SimulatedSession[]): Promise<void> {
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
    const { importId } = await this.call('imports.begin', {
      connectionId,
      product,
      fileName: `${provider}.jsonl`,
      byteLength: bytes.length,
      source: 'imported',
      write: true,
      badLines: 'stop',
      reading: importReading.parse({ format: 'json_lines' }),
    });
    for (let offset = 0; offset < bytes.length; offset += 300_000) {
      await this.call('imports.chunk', {
        importId,
        offset,
        bytes: bytes.subarray(offset, offset + 300_000).toString('base64'),
      });
    }
    const { state, added, fault } = await this.call('imports.finish', { importId });
    if (state !== 'finished' || added !== sessions.length)
      throw new Error(
        `The import of ${provider} is ${state} with ${added} of ${sessions.length}: ${fault?.message ?? ''}`,
      );
  }

  /** By a filter, or by their keys; part of the sessions stays outside of it. */
  chosen(): CheckedInput<'batches.plan'> {
    const { random, sessions } = this;
    if (random() < 0.5) return { sessionKeys: sessions.filter(() => random() < 0.75).map(({ key }) => key) };
    const except = sessions.filter(() => random() < 0.05).map(({ key }) => key);
    const narrowed = pickWeighted<Partial<typeof allSessions>>(random, [
      [{ statuses: ['active', 'unknown', 'in_progress'] }, 4],
      [{ providers: ['flinks'] }, 1],
      [{ providers: ['xendit'] }, 1],
      [{ search: '1' }, 1],
      [{}, 1],
    ]);
    return { filter: { ...allSessions, ...narrowed }, except };
  }
}

function handlersOf(stage: Stage) {
  return { 'connections.add': (input: CheckedInput<'connections.add'>) => stage.call('connections.add', input) };
}

/** What a merchant's list may hold by mistake, or has not heard of yet. */
function oddSession(random: Random): Partial<SimulatedSession> & { connection: ProviderName } {
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
