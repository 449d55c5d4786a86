import { chromium } from 'playwright';
import type { Browser } from 'playwright';
import { chromiumPath } from '../support/chromium.ts';
import { servePage } from '../support/page-server.ts';
import { median, report } from './measure.ts';

type What = 'ours' | 'bare';
interface Figures {
  readonly mount: number;
  readonly filter: number;
  readonly frames: readonly number[];
  /** Bytes, after a collection. */
  readonly heap: number;
}

const rounds = 5;
const counts = [1_000, 100_000, 1_000_000];

/** The list of sessions as it ships, in a real Chromium, beside a bare virtual list of the same rows: painted, filtered, scrolled. */
export async function benchScreen(): Promise<void> {
  const { origin, close } = await servePage('bench/page');
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    for (const count of counts) await compare(browser, origin, count);
  } finally {
    await browser.close();
    await close();
  }
}

async function compare(browser: Browser, origin: string, count: number): Promise<void> {
  const figures: Record<What, Figures[]> = { ours: [], bare: [] };
  // In turn, so that whatever else the machine does meets both.
  for (let round = 0; round < rounds; round += 1) {
    for (const what of ['bare', 'ours'] as const) {
      figures[what].push(await measure(browser, `${origin}?what=${what}&count=${count}`, what));
    }
  }
  const of = (what: What, figure: (figures: Figures) => number): number => median(figures[what].map(figure));
  const frames = (what: What): readonly number[] =>
    figures[what].flatMap((each) => each.frames).sort((one, other) => one - other);
  const at = (sorted: readonly number[], part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  const [ours, bare] = [frames('ours'), frames('bare')];
  const rows = `${count.toLocaleString('en')} sessions`;
  const beside = 'a bare TanStack Virtual list';
  report(
    `screen of ${rows}: from start to painted rows`,
    of('ours', ({ mount }) => mount),
    of('bare', ({ mount }) => mount),
    beside,
  );
  report(
    `${rows}: from a filter to painted rows`,
    of('ours', ({ filter }) => filter),
    of('bare', ({ filter }) => filter),
    beside,
  );
  report(`${rows}: scroll frame, median`, at(ours, 0.5), at(bare, 0.5), beside);
  report(`${rows}: scroll frame, 95 of 100`, at(ours, 0.95), at(bare, 0.95), beside);
  report(`${rows}: scroll frame, worst`, at(ours, 1), at(bare, 1), beside);
  const megabytes = (what: What): number => of(what, ({ heap }) => heap) / 2 ** 20;
  const ratio = (megabytes('ours') / megabytes('bare')).toFixed(2).padStart(7);
  const heap = `${rows}: heap after scrolling`.padEnd(58);
  console.log(
    `${heap} ${megabytes('ours').toFixed(1).padStart(9)} MB  ${ratio} ×  ${beside} (${megabytes('bare').toFixed(1)} MB)`,
  );
}

async function measure(browser: Browser, address: string, what: What): Promise<Figures> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript(probe);
  await page.goto(address);
  const mount = await page.evaluate(() => {
    const [began] = performance.getEntriesByName('began');
    return window.untilPainted(() => document.querySelector('.body .reference') !== null, began?.startTime ?? 0);
  });
  const frames = await page.evaluate(() => window.scrolled());
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize: heap } = await session.send('Runtime.getHeapUsage');
  const filter = await page.evaluate(
    (selector) => {
      const before = document.querySelector('[role=grid]')?.getAttribute('aria-rowcount');
      const began = performance.now();
      document.querySelector<HTMLElement>(selector)?.click();
      return window.untilPainted(
        () => document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') !== before,
        began,
      );
    },
    what === 'ours' ? '#tab-active' : '#narrow',
  );
  await page.close();
  return { mount, filter, frames, heap };
}

declare global {
  interface Window {
    /** Milliseconds from `began` until a frame with `done` is on the screen. */
    untilPainted(done: () => boolean, began: number): Promise<number>;
    /** Milliseconds of each frame while the list is scrolled fast, thrown to its middle, and scrolled on. */
    scrolled(): Promise<number[]>;
  }
}

/** Runs in the page, before anything of it. */
function probe(): void {
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  window.untilPainted = async (done, began) => {
    while (!done()) await frame();
    await frame();
    return performance.now() - began;
  };
  window.scrolled = async () => {
    const scroller = document.querySelector('[role=grid]');
    if (!scroller) throw new Error('There is no list.');
    const took: number[] = [];
    let last = await frame();
    for (let step = 0; step < 180; step += 1) {
      if (step === 90) scroller.scrollTop = scroller.scrollHeight / 2;
      else scroller.scrollTop += 180;
      const now = await frame();
      took.push(now - last);
      last = now;
    }
    return took;
  };
}
