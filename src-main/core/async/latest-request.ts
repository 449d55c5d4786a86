import { AppError, createMessage } from '../../contract/index.ts';

/** Aborts the older requests of each viewer with `superseded` when a newer one starts. */
export class LatestRequest {
  readonly #latest = new Map<string, { readonly requestNumber: number; readonly abortController: AbortController }>();

  /**
   * Returns the signal for a request. Requests with the same number share it. If `requestNumber` is older than the
   * newest one of the viewer, the signal is aborted already.
   */
  getSignal(viewer: string, requestNumber: number): AbortSignal {
    const newest = this.#latest.get(viewer);
    if (newest && newest.requestNumber === requestNumber) return newest.abortController.signal;
    const error = new AppError('superseded', createMessage('session.superseded'), { retryable: true });
    if (newest && newest.requestNumber > requestNumber) return AbortSignal.abort(error);
    newest?.abortController.abort(error);
    const abortController = new AbortController();
    this.#latest.set(viewer, { requestNumber, abortController });
    return abortController.signal;
  }

  close(): void {
    for (const { abortController } of this.#latest.values()) abortController.abort();
  }
}
