/** Batch benchmarks: compared with scripts, at the rate limit of a provider, at three sizes and after a kill. */
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

/** Compares a durable, audited batch with scripts that store nothing. */
async function benchThroughput(provider: ProviderProcess): Promise<void> {
  const count = 5_000;
  const settings = { latencyMs: 50, maxPerSecond: null, sendsRateLimitHeaders: false };
  const rounds = 3;
  const axiosMs: number[] = [];
  const curlMs: number[] = [];
  const appMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await provider.configure(settings);
    axiosMs.push(await measureMs(() => cancelWithAxios(provider.url, count)));
    await provider.configure(settings);
    curlMs.push(await measureMs(() => cancelWithCurl(provider.url, count)));
    await provider.configure(settings);
    const app = await openSeededApp(provider.url, count);
    appMs.push((await runBatch(app, 1_000)).ms);
    await app.close();
  }
  const [own, withAxios, withCurl] = [median(appMs), median(axiosMs), median(curlMs)];
  reportComparison(
    `a batch of 5,000, 50 ms latency, ${maxInFlight} in flight`,
    own,
    withAxios,
    'Promise.allSettled over axios',
  );
  reportComparison('', own, withCurl, `curl --parallel --parallel-max ${maxInFlight}`);
  console.log(
    '  throughput relative to the faster script: ' +
      `${(Math.min(withAxios, withCurl) / own).toFixed(3)}; ${Math.round((count / own) * 1_000)} per ` +
      'second',
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
  if (all.some(({ status }) => status === 'rejected')) throw new Error('The requests of the axios baseline failed.');
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

/** A provider with a limit of 50 requests per second: with a matching rate limit, and with one that is too high. */
async function benchLimit(provider: ProviderProcess): Promise<void> {
  const limit = 50;
  const count = 1_500;
  for (const sendsRateLimitHeaders of [true, false]) {
    for (const perSecond of [50, 100]) {
      await provider.configure({ latencyMs: 50, maxPerSecond: limit, sendsRateLimitHeaders });
      const app = await openSeededApp(provider.url, count);
      const { ms } = await runBatch(app, perSecond);
      const { refused } = await provider.counts();
      await app.close();
      reportComparison(
        `${count} at 50/s, set to ${perSecond}/s, ${sendsRateLimitHeaders ? 'with' : 'without'} Rate-Limit headers`,
        ms,
        (count / limit) * 1_000,
        'N/50',
      );
      console.log(`  answered 429: ${refused}, ${((refused / (count + refused)) * 100).toFixed(2)} %`);
    }
  }
}

/**
 * A small heap per thread, because a large heap grows before garbage collection and hides the memory that is in use.
 */
const smallHeapFlags = ['--max-old-space-size=80', '--max-semi-space-size=4'];

async function benchSizes(provider: ProviderProcess): Promise<void> {
  for (const count of [1_000, 10_000, 100_000]) {
    await provider.configure({ latencyMs: 0, maxPerSecond: null, sendsRateLimitHeaders: false });
    const app = await openSeededApp(provider.url, count, smallHeapFlags);
    const { ms, peakBytes } = await runBatch(app, 1_000);
    console.log(
      `${`a batch of ${count.toLocaleString('en')}`.padEnd(58)} ` +
        `${((count / ms) * 1_000).toFixed(0).padStart(9)} per second, ` +
        `${(peakBytes / 2 ** 20).toFixed(0)} MiB peak memory, all threads, 80 MiB heap each`,
    );
    await app.close();
  }
}

/**
 * Time after a kill in the middle of a batch: until the app is open, and until the batch has sent 200 more requests.
 */
async function benchRecovery(provider: ProviderProcess): Promise<void> {
  const count = 10_000;
  await provider.configure({ latencyMs: 5, maxPerSecond: null, sendsRateLimitHeaders: false });
  const killedApp = await openSeededApp(provider.url, count);
  const { id } = await planAndConfirm(killedApp, 1_000);
  await waitForBatch(killedApp, id, ({ outcomeCounts }) => (outcomeCounts.cancelled ?? 0) >= count / 2);
  await killedApp.kill();
  const started = performance.now();
  const app = await spawnApp(killedApp.dataFolder, killedApp.secrets(), { startDelayMs: 0 });
  const opened = performance.now();
  await app.call('batches.resume', { batchId: id });
  const { outcomeCounts } = await waitForBatch(
    app,
    id,
    (batch) => (batch.outcomeCounts.cancelled ?? 0) > count / 2 + 200 || batch.state === 'finished',
  );
  const continuedAt = performance.now();
  const ended = await waitForBatch(app, id, ({ state }) => state === 'finished');
  if (ended.outcomeCounts.cancelled !== count)
    throw new Error(`After the kill: ${JSON.stringify(ended.outcomeCounts)}`);
  const { cancels } = await provider.counts();
  console.log(
    `${'a batch of 10,000 killed in the middle'.padEnd(58)} ` +
      `${(opened - started).toFixed(0).padStart(9)} ms until the app is open, ` +
      `${(continuedAt - opened).toFixed(0)} ms until the batch continues ` +
      `(${JSON.stringify(outcomeCounts)}); ${cancels - count} repeated cancel requests`,
  );
  await app.close();
}

interface SeededApp extends SpawnedApp {
  readonly dataFolder: string;
  readonly connectionId: string;
}

/** Opens an app with `count` active sessions on one connection. */
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
  const { importId } = await app.call('imports.start', {
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
    await app.call('imports.addChunk', { importId, offset, bytes: bytes.toString('base64') });
    offset += bytes.length;
  }
  const { added } = await app.call('imports.finish', { importId });
  if (added !== count) throw new Error(`Only ${added} sessions were added.`);
  return { ...app, dataFolder, connectionId };
}

async function planAndConfirm(app: SeededApp, perSecond: number): Promise<Batch> {
  await app.call('rateLimits.change', { connectionId: app.connectionId, perSecond, maxInFlight });
  const { id } = await app.call('batches.plan', { filter: emptySessionFilter, excludedKeys: [] });
  const { digest, eligible } = await waitForBatch(app, id, ({ state }) => state === 'planned');
  return await app.call('batches.confirm', { batchId: id, digest: digest ?? '', reason, typedCount: eligible });
}

/** Runs a batch. Returns its duration in milliseconds and the peak memory in bytes. */
async function runBatch(app: SeededApp, perSecond: number): Promise<{ ms: number; peakBytes: number }> {
  let peakBytes = 0;
  const stopListening = app.on(
    'batches.changed',
    () => void app.getMemoryBytes().then((bytes) => (peakBytes = Math.max(peakBytes, bytes))),
  );
  const { id } = await planAndConfirm(app, perSecond);
  const { startedAt, endedAt, outcomeCounts, eligible } = await waitForBatch(
    app,
    id,
    ({ state }) => state === 'finished',
  );
  stopListening();
  if (outcomeCounts.cancelled !== eligible) throw new Error(`Not all were cancelled: ${JSON.stringify(outcomeCounts)}`);
  return { ms: Date.parse(endedAt ?? '') - Date.parse(startedAt ?? ''), peakBytes };
}

/** Resolves with the batch as soon as it fulfils the condition. */
function waitForBatch(app: SpawnedApp, batchId: string, condition: (batch: Batch) => boolean): Promise<Batch> {
  return new Promise((resolve, reject) => {
    const check = (batch: Batch | undefined) => {
      if (!batch || !condition(batch)) return;
      unsubscribe();
      resolve(batch);
    };
    const unsubscribe = app.on('batches.changed', ({ rows }) => check(rows.find(({ id }) => id === batchId)));
    app.call('batches.get', { batchId }).then(check, reject);
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
