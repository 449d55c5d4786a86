/** Batches: beside the scripts that they replace, at a provider's limit, at three sizes, and after a kill. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import axios from 'axios';
import { allSessions, importReading, type Batch } from '../../src-main/contract/index.ts';
import { practiceAccounts } from '../../src-main/core/simulator/index.ts';
import { freshFolder, reason } from '../support/app.ts';
import { spawnDesk, type SpawnedDesk } from '../support/spawn-app.ts';
import { median, report, timed } from './measure.ts';
import type { ProviderCounts, ProviderSettings } from './provider-stub.ts';

const inFlight = 25;
const secret = practiceAccounts.xendit.secretKey;
const idOf = (number: number) => `ps-${number.toString(16).padStart(24, '0')}`;

interface Provider {
  readonly url: string;
  set(settings: ProviderSettings): Promise<void>;
  counts(): Promise<ProviderCounts>;
  end(): void;
}

export async function benchBatch(): Promise<void> {
  const provider = await startProvider();
  await benchThroughput(provider);
  await benchLimit(provider);
  await benchSizes(provider);
  await benchRecovery(provider);
  provider.end();
}

/** Durable and audited, beside scripts that keep nothing. */
async function benchThroughput(provider: Provider): Promise<void> {
  const count = 5_000;
  const settings = { latencyMs: 50, perSecond: null, tells: false };
  const rounds = 3;
  const bare: number[] = [];
  const curl: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await provider.set(settings);
    bare.push(await timed(() => bareAxios(provider.url, count)));
    await provider.set(settings);
    curl.push(await timed(() => bareCurl(provider.url, count)));
    await provider.set(settings);
    const desk = await furnished(provider.url, count);
    ours.push((await carriedOut(desk, 1_000)).ms);
    await desk.close();
  }
  const [own, withAxios, withCurl] = [median(ours), median(bare), median(curl)];
  report(`a batch of 5,000, 50 ms latency, ${inFlight} in flight`, own, withAxios, 'Promise.allSettled over axios');
  report('', own, withCurl, `curl --parallel --parallel-max ${inFlight}`);
  console.log(
    `  throughput against the better of the two: ${(Math.min(withAxios, withCurl) / own).toFixed(3)}; ${Math.round((count / own) * 1_000)} a second`,
  );
}

async function bareAxios(url: string, count: number): Promise<void> {
  const httpAgent = new http.Agent({ keepAlive: true, maxSockets: inFlight });
  const headers = { authorization: `Basic ${Buffer.from(`${secret}:`).toString('base64')}` };
  const all = await Promise.allSettled(
    Array.from({ length: count }, (_, number) =>
      axios.post(`${url}/sessions/${idOf(number)}/cancel`, null, { headers, httpAgent, proxy: false }),
    ),
  );
  if (all.some(({ status }) => status === 'rejected')) throw new Error('The bare requests failed.');
  httpAgent.destroy();
}

async function bareCurl(url: string, count: number): Promise<void> {
  const file = join(freshFolder(), 'curl.txt');
  writeFileSync(
    file,
    Array.from(
      { length: count },
      (_, number) => `url = "${url}/sessions/${idOf(number)}/cancel"\noutput = /dev/null\n`,
    ).join(''),
  );
  const child = spawn(
    'curl',
    [
      '--silent',
      '--parallel',
      '--parallel-max',
      String(inFlight),
      '--request',
      'POST',
      '--user',
      `${secret}:`,
      '--config',
      file,
    ],
    { stdio: 'ignore' },
  );
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`curl ended with ${code}`);
}

/** At a provider that takes 50 requests in any one second: as set, and where the pace is set too high and has to find it. */
async function benchLimit(provider: Provider): Promise<void> {
  const limit = 50;
  const count = 1_500;
  for (const tells of [true, false]) {
    for (const pace of [50, 100]) {
      await provider.set({ latencyMs: 50, perSecond: limit, tells });
      const desk = await furnished(provider.url, count);
      const { ms } = await carriedOut(desk, pace);
      const { refused } = await provider.counts();
      await desk.close();
      report(
        `${count} at 50/s, pace ${pace}/s, ${tells ? 'with' : 'without'} Rate-Limit headers`,
        ms,
        (count / limit) * 1_000,
        'N/50',
      );
      console.log(`  answered 429: ${refused}, ${((refused / (count + refused)) * 100).toFixed(2)} %`);
    }
  }
}

/** With a small heap a thread: a large one grows before anything is collected, which would say nothing of what is held. */
const smallHeap = ['--max-old-space-size=80', '--max-semi-space-size=4'];

async function benchSizes(provider: Provider): Promise<void> {
  for (const count of [1_000, 10_000, 100_000]) {
    await provider.set({ latencyMs: 0, perSecond: null, tells: false });
    const desk = await furnished(provider.url, count, smallHeap);
    const { ms, most } = await carriedOut(desk, 1_000);
    console.log(
      `${`a batch of ${count.toLocaleString('en')}`.padEnd(58)} ${((count / ms) * 1_000).toFixed(0).padStart(9)} a second, ${(most / 2 ** 20).toFixed(0)} MiB at most, all threads, 80 MiB of heap each`,
    );
    await desk.close();
  }
}

/** Killed half-way: from the start until what was under way is read back, and until the rest is being asked for. */
async function benchRecovery(provider: Provider): Promise<void> {
  const count = 10_000;
  await provider.set({ latencyMs: 5, perSecond: null, tells: false });
  const doomed = await furnished(provider.url, count);
  const { id } = await confirmed(doomed, 1_000);
  await seen(doomed, id, ({ outcomes }) => (outcomes.cancelled ?? 0) >= count / 2);
  await doomed.kill();
  const started = performance.now();
  const desk = await spawnDesk(doomed.dataFolder, doomed.secrets(), { armedMs: 0 });
  const opened = performance.now();
  await desk.call('batches.resume', { batchId: id });
  const { outcomes } = await seen(
    desk,
    id,
    (batch) => (batch.outcomes.cancelled ?? 0) > count / 2 + 200 || batch.state === 'finished',
  );
  const goingOn = performance.now();
  const ended = await seen(desk, id, ({ state }) => state === 'finished');
  if (ended.outcomes.cancelled !== count) throw new Error(`After the kill: ${JSON.stringify(ended.outcomes)}`);
  const { cancels } = await provider.counts();
  console.log(
    `${'a half-done batch of 10,000 after a kill'.padEnd(58)} ${(opened - started).toFixed(0).padStart(9)} ms until it is open, ${(goingOn - opened).toFixed(0)} ms until it goes on (${JSON.stringify(outcomes)}); ${cancels - count} cancels asked for twice`,
  );
  await desk.close();
}

interface FurnishedDesk extends SpawnedDesk {
  readonly dataFolder: string;
  readonly connectionId: string;
}

/** A console with so many active sessions on one connection. */
async function furnished(baseUrl: string, count: number, flags: readonly string[] = []): Promise<FurnishedDesk> {
  const dataFolder = freshFolder();
  const desk = await spawnDesk(dataFolder, [], { armedMs: 0 }, flags);
  const { id: connectionId } = await desk.call('connections.add', {
    name: 'Xendit ID',
    environment: 'sandbox',
    baseUrl,
    secret,
    keepForThisRun: false,
    options: { provider: 'xendit', forUserId: null },
  });
  const { importId } = await desk.call('imports.begin', {
    connectionId,
    product: 'payment_session',
    fileName: 'bench.csv',
    byteLength: null,
    source: 'imported',
    write: true,
    badLines: 'stop',
    reading: importReading.parse({}),
  });
  let offset = 0;
  for (let from = 0; from < count; from += 5_000) {
    const lines = Array.from(
      { length: Math.min(5_000, count - from) },
      (_, index) => `${idOf(from + index)},Order-${from + index},active\n`,
    );
    const bytes = Buffer.from(`${from === 0 ? 'id,reference,status\n' : ''}${lines.join('')}`);
    await desk.call('imports.chunk', { importId, offset, bytes: bytes.toString('base64') });
    offset += bytes.length;
  }
  const { added } = await desk.call('imports.finish', { importId });
  if (added !== count) throw new Error(`Only ${added} sessions were taken.`);
  return { ...desk, dataFolder, connectionId };
}

async function confirmed(desk: FurnishedDesk, perSecond: number): Promise<Batch> {
  await desk.call('pace.change', { connectionId: desk.connectionId, perSecond, inFlight });
  const { id } = await desk.call('batches.plan', { filter: allSessions, except: [] });
  const { digest, asked } = await seen(desk, id, ({ state }) => state === 'planned');
  return await desk.call('batches.confirm', { batchId: id, digest: digest ?? '', reason, typedCount: asked });
}

/** Milliseconds from its first step to its last, and the most memory it took meanwhile, in bytes. */
async function carriedOut(desk: FurnishedDesk, perSecond: number): Promise<{ ms: number; most: number }> {
  let most = 0;
  const watching = desk.on('batches.changed', () => void desk.memory().then((bytes) => (most = Math.max(most, bytes))));
  const { id } = await confirmed(desk, perSecond);
  const { startedAt, endedAt, outcomes, asked } = await seen(desk, id, ({ state }) => state === 'finished');
  watching();
  if (outcomes.cancelled !== asked) throw new Error(`Not all were cancelled: ${JSON.stringify(outcomes)}`);
  return { ms: Date.parse(endedAt ?? '') - Date.parse(startedAt ?? ''), most };
}

/** The batch as soon as it is pushed as wanted. */
function seen(desk: SpawnedDesk, batchId: string, isWanted: (batch: Batch) => boolean): Promise<Batch> {
  return new Promise((resolve, reject) => {
    const look = (batch: Batch | undefined) => {
      if (!batch || !isWanted(batch)) return;
      forget();
      resolve(batch);
    };
    const forget = desk.on('batches.changed', ({ rows }) => look(rows.find(({ id }) => id === batchId)));
    desk.call('batches.get', { batchId }).then(look, reject);
  });
}

async function startProvider(): Promise<Provider> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./provider-stub.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    url: line,
    set: async (settings) => void (await axios.post(`${line}/_set`, JSON.stringify(settings), { proxy: false })),
    counts: async () => (await axios.get<ProviderCounts>(`${line}/_counts`, { proxy: false })).data,
    end: () => void child.kill(),
  };
}
