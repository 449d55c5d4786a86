import { DeskError } from '../../contract/index.ts';

/** Of each viewer the newest turn: what is still looked for in an earlier one is given up with `superseded`. */
export class Turns {
  readonly #newest = new Map<string, { readonly turn: number; readonly stopping: AbortController }>();

  signalOf(viewer: string, turn: number): AbortSignal {
    const newest = this.#newest.get(viewer);
    if (newest && newest.turn === turn) return newest.stopping.signal;
    const superseded = new DeskError('superseded', 'Another list was asked for meanwhile.', { retryable: true });
    if (newest && newest.turn > turn) return AbortSignal.abort(superseded);
    newest?.stopping.abort(superseded);
    const stopping = new AbortController();
    this.#newest.set(viewer, { turn, stopping });
    return stopping.signal;
  }

  close(): void {
    for (const { stopping } of this.#newest.values()) stopping.abort();
  }
}
