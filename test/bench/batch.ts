/** Batches: beside the scripts that they replace, at a provider's limit, at three sizes, and after a kill. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import axios from 'axios';
import { emptySessionFilter, importParseOptions, type Batch } from '../../src-main/contract/index.ts';
import { practiceAccounts } from '../../src-main/core/simulator/index.ts';
import { createTempFolder, reason } from '../support/app.ts';
import { spawnApp, type SpawnedApp } from '../support/spawn-app.ts';
import { median, reportComparison, measureMs } from './measure.ts';
import type { ProviderStubCounts, ProviderStubSettings } from './provider-stub.ts';

const maxInFlight = 25;
const secret = practiceAccounts.xendit.secretKey;
const sessionIdOf = (number: number) => `ps-${number.toString(16).padStart(24, '0')}`;

interface ProviderProcess {
  readonly url: string;
  configure(settings: ProviderStubSettings): Promise<void>;
  counts(): Promise<ProviderStubCounts>;
  stop(): void;
}

export async function benchBatch(): Promise<void> {
  const provider = await startProvider();
  await benchThroughput(provider);
  await benchLimit(provider);
  await benchSizes(provider);
  await benchRecovery(provider);
  provider.stop();
}

/** Durable and audited, beside scripts that keep nothing. */
async function benchThroughput(provider: ProviderProcess): Promise<void> {
  const count = 5_000;
  const settings = { latencyMs: 50, maxPerSecond: null, sendsRateLimitHeaders: false };
  const rounds = 3;
  const bare: number[] = [];
  const curl: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await provider.configure(settings);
    bare.push(await measureMs(() => cancelWithAxios(provider.url, count)));
    await provider.configure(settings);
    curl.push(await measureMs(() => cancelWithCurl(provider.url, count)));
    await provider.configure(settings);
    const app = await openSeededApp(provider.url, count);
    ours.push((await runBatch(app, 1_000)).ms);
    await app.close();
  }
  const [own, withAxios, withCurl] = [median(ours), median(bare), median(curl)];
  reportComparison(
    `a batch of 5,000, 50 ms latency, ${maxInFlight} in flight`,
    own,
    withAxios,
    'Promise.allSettled over axios',
  );
  reportComparison('', own, withCurl, `curl --parallel --parallel-max ${maxInFlight}`);
  console.log(
    `  throughput against the better of the two: ${(Math.min(withAxios, withCurl) / own).toFixed(3)}; ${Math.round((count / own) * 1_000)} a second`,
  );
}

async function cancelWithAxios(url: string, count: number): Promise<void> {
  const httpAgent = new http.Agent({ keepAlive: true, maxSockets: maxInFlight });
  const headers = { authorization: `Basic ${Buffer.from(`${secret}:`).toString('base64')}` };
  const all = await Promise.allSettled(
    Array.from({ length: count }, (_, number) =>
      axios.post(`${url}/sessions/${sessionIdOf(number)}/cancel`, null, { headers, httpAgent, proxy: false }),
    ),
  );
  if (all.some(({ status }) => status === 'rejected')) throw new Error('The bare requests failed.');
  httpAgent.destroy();
}

async function cancelWithCurl(url: string, count: number): Promise<void> {
  const file = join(createTempFolder(), 'curl.txt');
  writeFileSync(
    file,
    Array.from(
      { length: count },
      (_, number) => `url = "${url}/sessions/${sessionIdOf(number)}/cancel"\noutput = /dev/null\n`,
    ).join(''),
  );
  const child = spawn(
    'curl',
    [
      '--silent',
      '--parallel',
      '--parallel-max',
      String(maxInFlight),
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
async function benchLimit(provider: ProviderProcess): Promise<void> {
  const limit = 50;
  const count = 1_500;
  for (const sendsRateLimitHeaders of [true, false]) {
    for (const pace of [50, 100]) {
      await provider.configure({ latencyMs: 50, maxPerSecond: limit, sendsRateLimitHeaders });
      const app = await openSeededApp(provider.url, count);
      const { ms } = await runBatch(app, pace);
      const { refused } = await provider.counts();
      await app.close();
      reportComparison(
        `${count} at 50/s, pace ${pace}/s, ${sendsRateLimitHeaders ? 'with' : 'without'} Rate-Limit headers`,
        ms,
        (count / limit) * 1_000,
        'N/50',
      );
      console.log(`  answered 429: ${refused}, ${((refused / (count + refused)) * 100).toFixed(2)} %`);
    }
  }
}

/** With a small heap a thread: a large one grows before anything is collected, which would say nothing of what is held. */
const smallHeapFlags = ['--max-old-space-size=80', '--max-semi-space-size=4'];

async function benchSizes(provider: ProviderProcess): Promise<void> {
  for (const count of [1_000, 10_000, 100_000]) {
    await provider.configure({ latencyMs: 0, maxPerSecond: null, sendsRateLimitHeaders: false });
    const app = await openSeededApp(provider.url, count, smallHeapFlags);
    const { ms, most } = await runBatch(app, 1_000);
    console.log(
      `${`a batch of ${count.toLocaleString('en')}`.padEnd(58)} ${((count / ms) * 1_000).toFixed(0).padStart(9)} a second, ${(most / 2 ** 20).toFixed(0)} MiB at most, all threads, 80 MiB of heap each`,
    );
    await app.close();
  }
}

/** Killed half-way: from the start until what was under way is read back, and until the rest is being asked for. */
async function benchRecovery(provider: ProviderProcess): Promise<void> {
  const count = 10_000;
  await provider.configure({ latencyMs: 5, maxPerSecond: null, sendsRateLimitHeaders: false });
  const doomed = await openSeededApp(provider.url, count);
  const { id } = await planAndConfirm(doomed, 1_000);
  await waitForBatch(doomed, id, ({ outcomeCounts }) => (outcomeCounts.cancelled ?? 0) >= count / 2);
  await doomed.kill();
  const started = performance.now();
  const app = await spawnApp(doomed.dataFolder, doomed.secrets(), { startDelayMs: 0 });
  const opened = performance.now();
  await app.call('batches.resume', { batchId: id });
  const { outcomeCounts } = await waitForBatch(
    app,
    id,
    (batch) => (batch.outcomeCounts.cancelled ?? 0) > count / 2 + 200 || batch.state === 'finished',
  );
  const goingOn = performance.now();
  const ended = await waitForBatch(app, id, ({ state }) => state === 'finished');
  if (ended.outcomeCounts.cancelled !== count)
    throw new Error(`After the kill: ${JSON.stringify(ended.outcomeCounts)}`);
  const { cancels } = await provider.counts();
  console.log(
    `${'a half-done batch of 10,000 after a kill'.padEnd(58)} ${(opened - started).toFixed(0).padStart(9)} ms until it is open, ${(goingOn - opened).toFixed(0)} ms until it goes on (${JSON.stringify(outcomeCounts)}); ${cancels - count} cancels asked for twice`,
  );
  await app.close();
}

interface SeededApp extends SpawnedApp {
  readonly dataFolder: string;
  readonly connectionId: string;
}

/** A console with so many active sessions on one connection. */
async function openSeededApp(baseUrl: string, count: number, flags: readonly string[] = []): Promise<SeededApp> {
  const dataFolder = createTempFolder();
  const app = await spawnApp(dataFolder, [], { startDelayMs: 0 }, flags);
  const { id: connectionId } = await app.call('connections.add', {
    name: 'Xendit ID',
    environment: 'sandbox',
    baseUrl,
    secret,
    allowInMemory: false,
    options: { provider: 'xendit', forUserId: null },
  });
  const { importId } = await app.call('imports.begin', {
    connectionId,
    product: 'payment_session',
    fileName: 'bench.csv',
    byteLength: null,
    source: 'imported',
    shouldWrite: true,
    onInvalidLine: 'stop',
    parseOptions: importParseOptions.parse({}),
  });
  let offset = 0;
  for (let from = 0; from < count; from += 5_000) {
    const lines = Array.from(
      { length: Math.min(5_000, count - from) },
      (_, index) => `${sessionIdOf(from + index)},Order-${from + index},active\n`,
    );
    const bytes = Buffer.from(`${from === 0 ? 'id,reference,status\n' : ''}${lines.join('')}`);
    await app.call('imports.chunk', { importId, offset, bytes: bytes.toString('base64') });
    offset += bytes.length;
  }
  const { added } = await app.call('imports.finish', { importId });
  if (added !== count) throw new Error(`Only ${added} sessions were taken.`);
  return { ...app, dataFolder, connectionId };
}

async function planAndConfirm(app: SeededApp, perSecond: number): Promise<Batch> {
  await app.call('rateLimits.change', { connectionId: app.connectionId, perSecond, maxInFlight });
  const { id } = await app.call('batches.plan', { filter: emptySessionFilter, excludedKeys: [] });
  const { digest, eligible } = await waitForBatch(app, id, ({ state }) => state === 'planned');
  return await app.call('batches.confirm', { batchId: id, digest: digest ?? '', reason, typedCount: eligible });
}

/** Milliseconds from its first step to its last, and the most memory it took meanwhile, in bytes. */
async function runBatch(app: SeededApp, perSecond: number): Promise<{ ms: number; most: number }> {
  let most = 0;
  const watching = app.on(
    'batches.changed',
    () => void app.getMemoryBytes().then((bytes) => (most = Math.max(most, bytes))),
  );
  const { id } = await planAndConfirm(app, perSecond);
  const { startedAt, endedAt, outcomeCounts, eligible } = await waitForBatch(
    app,
    id,
    ({ state }) => state === 'finished',
  );
  watching();
  if (outcomeCounts.cancelled !== eligible) throw new Error(`Not all were cancelled: ${JSON.stringify(outcomeCounts)}`);
  return { ms: Date.parse(endedAt ?? '') - Date.parse(startedAt ?? ''), most };
}

/** The batch as soon as it is pushed as wanted. */
function waitForBatch(app: SpawnedApp, batchId: string, isWanted: (batch: Batch) => boolean): Promise<Batch> {
  return new Promise((resolve, reject) => {
    const look = (batch: Batch | undefined) => {
      if (!batch || !isWanted(batch)) return;
      forget();
      resolve(batch);
    };
    const forget = app.on('batches.changed', ({ rows }) => look(rows.find(({ id }) => id === batchId)));
    app.call('batches.get', { batchId }).then(look, reject);
  });
}

async function startProvider(): Promise<ProviderProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./provider-stub.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    url: line,
    configure: async (settings) =>
      void (await axios.post(`${line}/_configure`, JSON.stringify(settings), { proxy: false })),
    counts: async () => (await axios.get<ProviderStubCounts>(`${line}/_counts`, { proxy: false })).data,
    stop: () => void child.kill(),
  };
}
