/** Queries and mutations of the host: data that views read, calls that change them, and why the last call failed. */
import { useQuery, useQueryCache } from '@pinia/colada';
import { computed, onScopeDispose, shallowRef } from 'vue';
import type { ComputedRef, Ref, ShallowRef } from 'vue';
import type { CallError, CallInput, CallName, CallOutput, Envelope, EventName } from '../contract.ts';
import { errorOf, useHost } from './host.ts';
import { useWorkspace } from './workspace.ts';

/** The query layer expects a rejected promise; the host returns an envelope. */
class CallFailure extends Error {
  readonly callError: CallError;

  constructor(callError: CallError) {
    super(callError.code);
    this.callError = callError;
  }
}

function unwrap<Value>(result: Envelope<Value>): Value {
  if (!result.ok) throw new CallFailure(result.error);
  return result.value;
}

const callErrorOf = (error: Error | null): CallError | null => (error instanceof CallFailure ? error.callError : null);

export interface HostQuery<Value> {
  /** Null until the first answer. The last answer stays while the query is read again, also if that fails. */
  readonly data: ComputedRef<Value | null>;
  /** Why the last call failed; null if it did not. */
  readonly failure: ComputedRef<CallError | null>;
  readonly isLoading: Readonly<Ref<boolean>>;
  /** Whether the last call succeeded. Tells an answer of null from a missing answer. */
  readonly isLoaded: ComputedRef<boolean>;
  /** Reads again. Resolves when the call has ended; a failure is in `failure`. */
  load(): Promise<void>;
  /** Replaces the data, e.g. by the payload of an event. */
  setData(next: Value): void;
}

/**
 * The answer to a call. A change of the input or of the workspace discards it and reads again; the answer to an earlier
 * input is ignored. While `input` returns null, nothing is read. `reloadOn` names the events after which the answer is
 * read again. A shared answer stays while no component uses it. With `isLazy` the answer is shared, and the first
 * `load` starts the query. With `keepsPrevious` the answer to the previous input stays until the next one is there.
 */
export function useHostQuery<Name extends CallName>(
  name: Name,
  input: () => CallInput<Name> | null,
  {
    isLazy = false,
    isShared = isLazy,
    keepsPrevious = false,
    reloadOn = [],
  }: { isLazy?: boolean; isShared?: boolean; keepsPrevious?: boolean; reloadOn?: readonly EventName[] } = {},
): HostQuery<CallOutput<Name>> {
  const host = useHost();
  const workspace = useWorkspace();
  const cache = useQueryCache();
  const isStarted = shallowRef(!isLazy);
  const key = (): [number, Name, CallInput<Name> | null] => [workspace.generation, name, input()];
  const query = useQuery({
    key,
    async query() {
      const current = input();
      if (current === null) throw new Error(`The query ${name} has no input.`);
      return unwrap(await host.call(name, current));
    },
    enabled: () => isStarted.value && input() !== null,
    gcTime: isShared ? false : 0,
    placeholderData: (previous, entry) =>
      keepsPrevious && entry?.key[0] === workspace.generation ? previous : undefined,
    // Events report what has changed.
    refetchOnMount: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

  async function load(): Promise<void> {
    isStarted.value = true;
    if (input() !== null) await query.refetch();
  }
  for (const event of reloadOn) onScopeDispose(host.on(event, () => isStarted.value && void load()));

  return {
    data: computed(() => query.data.value ?? null),
    failure: computed(() => callErrorOf(query.error.value)),
    isLoading: query.isLoading,
    isLoaded: computed(() => query.status.value === 'success'),
    load,
    setData: (next) => cache.setQueryData(key(), next),
  };
}

/**
 * A call that an operator starts: whether it runs, and why the last one failed. `run` returns whether it succeeded;
 * while a call runs, it does nothing and returns false. The library's own mutations are not used: they keep the input,
 * which may be a secret, after the call.
 */
export function useHostMutation<Args extends readonly unknown[], Value>(
  call: (...args: Args) => Promise<Envelope<Value>>,
  onSuccess: (value: Value) => unknown = () => undefined,
) {
  const isBusy = shallowRef(false);
  const failure: ShallowRef<CallError | null> = shallowRef(null);

  async function run(...args: Args): Promise<boolean> {
    if (isBusy.value) return false;
    isBusy.value = true;
    failure.value = null;
    const result = await call(...args);
    isBusy.value = false;
    failure.value = errorOf(result);
    if (result.ok) await onSuccess(result.value);
    return result.ok;
  }
  return { isBusy, failure, run };
}
