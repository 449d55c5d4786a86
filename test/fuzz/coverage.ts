/** Measures which characters of source files were executed, with the block coverage of V8. */
import { Session } from 'node:inspector/promises';
import type { Profiler } from 'node:inspector/promises';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** For each file, one byte for each character: 1 if it was executed at least once. */
type Reached = ReadonlyMap<string, Uint8Array>;

/** Collects the coverage of some files in this process. */
export class Coverage {
  readonly #session = new Session();
  readonly #reached = new Map<string, Uint8Array>();

  /** Call it before the files are loaded: V8 does not report the unused functions of a file that is already loaded. */
  static async start(): Promise<Coverage> {
    const coverage = new Coverage();
    coverage.#session.connect();
    await coverage.#session.post('Profiler.enable');
    await coverage.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    return coverage;
  }

  /** `urls`: file URLs of the modules whose coverage counts. Forgets what was reached before. */
  watch(urls: readonly string[]): void {
    this.#reached.clear();
    for (const url of urls) this.#reached.set(url, new Uint8Array(readFileSync(fileURLToPath(url), 'utf8').length));
  }

  async stop(): Promise<void> {
    await this.#session.post('Profiler.stopPreciseCoverage');
    this.#session.disconnect();
  }

  /** Adds what was executed since the last call. Returns the number of characters that were not reached before. */
  async collect(): Promise<number> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    let added = 0;
    for (const { url, functions } of result) {
      const reached = this.#reached.get(url);
      if (reached !== undefined) added += addReached(reached, functions);
    }
    return added;
  }

  /** A copy of what was reached, for `restore`. */
  snapshot(): Reached {
    return new Map([...this.#reached].map(([url, reached]) => [url, reached.slice()]));
  }

  restore(snapshot: Reached): void {
    for (const [url, reached] of snapshot) this.#reached.get(url)?.set(reached);
  }

  /** The share of the characters that was reached, and the lines with code that was not reached, for each file. */
  report(): { readonly file: string; readonly reachedShare: number; readonly missedLines: readonly number[] }[] {
    return [...this.#reached].map(([url, reached]) => {
      const text = readFileSync(fileURLToPath(url), 'utf8');
      const count = reached.reduce((sum, value) => sum + value, 0);
      const missedLines = new Set<number>();
      let line = 1;
      for (let offset = 0; offset < text.length; offset += 1) {
        if (text[offset] === '\n') line += 1;
        else if (reached[offset] === 0 && text[offset]?.trim() !== '') missedLines.add(line);
      }
      return { file: url, reachedShare: count / reached.length, missedLines: [...missedLines] };
    });
  }
}

/**
 * Marks the executed characters. The first range of a function is the whole function and the others are inside it, so
 * that a later range decides. Type annotations that Node has replaced with spaces count as executed.
 */
function addReached(reached: Uint8Array, functions: readonly Profiler.FunctionCoverage[]): number {
  const executed = new Uint8Array(reached.length);
  for (const { ranges } of functions)
    for (const { startOffset, endOffset, count } of ranges) executed.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  let added = 0;
  for (let offset = 0; offset < executed.length; offset += 1)
    if (executed[offset] === 1 && reached[offset] === 0) {
      reached[offset] = 1;
      added += 1;
    }
  return added;
}
