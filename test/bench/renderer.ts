import { chromium } from 'playwright';
import type { Browser } from 'playwright';
import { chromiumPath } from '../support/chromium.ts';
import { servePage } from '../support/page-server.ts';
import { median, reportComparison } from './measure.ts';

type Variant = 'app' | 'baseline';
interface Measurements {
  readonly mountMs: number;
  readonly filterMs: number;
  readonly frameTimesMs: readonly number[];
  /** Heap size in bytes after a garbage collection. */
  readonly heapBytes: number;
}

const rounds = 5;
const counts = [1_000, 100_000, 1_000_000];

/** Compares the session list in Chromium with a plain virtual list of the same rows: paint, filter and scroll. */
export async function benchRenderer(): Promise<void> {
  const { origin, close } = await servePage('bench/page');
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    for (const count of counts) await compareVariants(browser, origin, count);
  } finally {
    await browser.close();
    await close();
  }
}

async function compareVariants(browser: Browser, origin: string, count: number): Promise<void> {
  const figures: Record<Variant, Measurements[]> = { app: [], baseline: [] };
  // The variants alternate, so that other load on the machine affects both.
  for (let round = 0; round < rounds; round += 1) {
    for (const variant of ['baseline', 'app'] as const) {
      figures[variant].push(await measureVariant(browser, `${origin}?variant=${variant}&count=${count}`, variant));
    }
  }
  const of = (variant: Variant, figure: (figures: Measurements) => number): number =>
    median(figures[variant].map(figure));
  const frames = (variant: Variant): readonly number[] =>
    figures[variant].flatMap((each) => each.frameTimesMs).sort((left, right) => left - right);
  const percentile = (sorted: readonly number[], fraction: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
  const [appFrames, baselineFrames] = [frames('app'), frames('baseline')];
  const rows = `${count.toLocaleString('en')} sessions`;
  const baselineName = 'a bare TanStack Virtual list';
  reportComparison(
    `screen of ${rows}: from start to painted rows`,
    of('app', ({ mountMs }) => mountMs),
    of('baseline', ({ mountMs }) => mountMs),
    baselineName,
  );
  reportComparison(
    `${rows}: from a filter to painted rows`,
    of('app', ({ filterMs }) => filterMs),
    of('baseline', ({ filterMs }) => filterMs),
    baselineName,
  );
  reportComparison(
    `${rows}: scroll frame, median`,
    percentile(appFrames, 0.5),
    percentile(baselineFrames, 0.5),
    baselineName,
  );
  reportComparison(
    `${rows}: scroll frame, 95 of 100`,
    percentile(appFrames, 0.95),
    percentile(baselineFrames, 0.95),
    baselineName,
  );
  reportComparison(
    `${rows}: scroll frame, worst`,
    percentile(appFrames, 1),
    percentile(baselineFrames, 1),
    baselineName,
  );
  const megabytes = (variant: Variant): number => of(variant, ({ heapBytes }) => heapBytes) / 2 ** 20;
  const ratio = (megabytes('app') / megabytes('baseline')).toFixed(2).padStart(7);
  const heap = `${rows}: heap after scrolling`.padEnd(58);
  console.log(
    `${heap} ${megabytes('app').toFixed(1).padStart(9)} MB  ${ratio} ×  ${baselineName} ` +
      `(${megabytes('baseline').toFixed(1)} MB)`,
  );
}

async function measureVariant(browser: Browser, address: string, variant: Variant): Promise<Measurements> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript(installProbe);
  await page.goto(address);
  const mountMs = await page.evaluate(() => {
    const [start] = performance.getEntriesByName('start');
    return window.waitUntilPainted(
      () => document.querySelector('.body-row .reference') !== null,
      start?.startTime ?? 0,
    );
  });
  const frameTimesMs = await page.evaluate(() => window.measureScrollFrames());
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize: heapBytes } = await session.send('Runtime.getHeapUsage');
  const filterMs = await page.evaluate(
    (selector) => {
      const before = document.querySelector('[role=grid]')?.getAttribute('aria-rowcount');
      const began = performance.now();
      document.querySelector<HTMLElement>(selector)?.click();
      return window.waitUntilPainted(
        () => document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') !== before,
        began,
      );
    },
    variant === 'app' ? '#tab-active' : '#filter',
  );
  await page.close();
  return { mountMs, filterMs, frameTimesMs, heapBytes };
}

declare global {
  interface Window {
    /** Milliseconds from `began` until a frame that fulfils `done` is painted. */
    waitUntilPainted(done: () => boolean, began: number): Promise<number>;
    /** Frame times in milliseconds: fast scrolling, a jump to the middle and more scrolling. */
    measureScrollFrames(): Promise<number[]>;
  }
}

/** Runs in the page before its scripts. */
function installProbe(): void {
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  window.waitUntilPainted = async (done, began) => {
    while (!done()) await frame();
    await frame();
    return performance.now() - began;
  };
  window.measureScrollFrames = async () => {
    const scroller = document.querySelector('[role=grid]');
    if (!scroller) throw new Error('The page has no list.');
    const frameTimes: number[] = [];
    let last = await frame();
    for (let step = 0; step < 180; step += 1) {
      if (step === 90) scroller.scrollTop = scroller.scrollHeight / 2;
      else scroller.scrollTop += 180;
      const now = await frame();
      frameTimes.push(now - last);
      last = now;
    }
    return frameTimes;
  };
}
