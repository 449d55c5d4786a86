import { AppError } from '../../contract/index.ts';

/** Of each viewer the newest turn: what is still looked for in an earlier one is given up with `superseded`. */
export class LatestRequest {
  readonly #latest = new Map<string, { readonly requestNumber: number; readonly abortController: AbortController }>();

  getSignal(viewer: string, requestNumber: number): AbortSignal {
    const newest = this.#latest.get(viewer);
    if (newest && newest.requestNumber === requestNumber) return newest.abortController.signal;
    const superseded = new AppError('superseded', 'Another list was asked for meanwhile.', { retryable: true });
    if (newest && newest.requestNumber > requestNumber) return AbortSignal.abort(superseded);
    newest?.abortController.abort(superseded);
    const abortController = new AbortController();
    this.#latest.set(viewer, { requestNumber, abortController });
    return abortController.signal;
  }

  close(): void {
    for (const { abortController } of this.#latest.values()) abortController.abort();
  }
}
