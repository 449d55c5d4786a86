/** Connections to the providers and their rate limits. Secrets are passed to the call and are not stored here. */
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type {
  CallError,
  CallInput,
  Connection,
  ConnectionTestResult,
  Envelope,
  ConnectionRateLimit,
} from '../contract.ts';
import { useBatches } from './batches.ts';
import { useHostQuery } from './host-query.ts';
import { afterSuccess, errorOf, useHost } from './host.ts';
import { useWorkspace, useWorkspaceState } from './workspace.ts';

/** Whether requests can use the secret of the connection; otherwise the operator must enter it again. */
export function hasUsableSecret({ credential }: Pick<Connection, 'credential'>): boolean {
  return credential.state === 'stored' || credential.state === 'in_memory';
}

export const useConnections = defineStore('connections', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const {
    data: list,
    failure,
    load,
  } = useHostQuery('connections.list', () => (workspace.isOpen ? {} : null), {
    isShared: true,
    reloadOn: ['connections.changed'],
  });
  /** Each connection's last test, until the page is closed: its result, or why it could not run. */
  const tests = useWorkspaceState<ReadonlyMap<string, Envelope<ConnectionTestResult>>>(() => new Map());
  const testingIds = shallowRef<ReadonlySet<string>>(new Set());

  function without<Value>(values: ReadonlyMap<string, Value>, id: string): Map<string, Value> {
    return new Map([...values].filter(([each]) => each !== id));
  }

  async function test(id: string): Promise<CallError | null> {
    if (testingIds.value.has(id)) return null;
    testingIds.value = new Set([...testingIds.value, id]);
    const result = await host.call('connections.test', { connectionId: id });
    testingIds.value = new Set([...testingIds.value].filter((each) => each !== id));
    tests.value = without(tests.value, id).set(id, result);
    return errorOf(result);
  }

  /** After a change of `changedId` the result of its last test is no longer valid. */
  const reloadIfOk = <Value>(call: Promise<Envelope<Value>>, changedId?: string) =>
    afterSuccess(call, async () => {
      await load();
      if (changedId !== undefined) tests.value = without(tests.value, changedId);
    });

  return {
    list,
    failure,
    /** The result of each connection's last test. */
    testResults: computed(
      () => new Map([...tests.value].flatMap(([id, result]) => (result.ok ? [[id, result.value] as const] : []))),
    ),
    /** Why a connection's last test could not run, e.g. a locked keychain or a missing secret. */
    testErrors: computed(
      () => new Map([...tests.value].flatMap(([id, result]) => (result.ok ? [] : [[id, result.error] as const]))),
    ),
    testingIds,
    byId: computed(() => new Map((list.value ?? []).map((connection) => [connection.id, connection]))),
    load,
    test,
    add: (input: CallInput<'connections.add'>) => reloadIfOk(host.call('connections.add', input)),
    change: (input: CallInput<'connections.change'>) =>
      reloadIfOk(host.call('connections.change', input), input.connectionId),
    replaceSecret: (input: CallInput<'connections.replaceSecret'>) =>
      reloadIfOk(host.call('connections.replaceSecret', input), input.connectionId),
    setWebhookSecret: (input: CallInput<'connections.setWebhookSecret'>) =>
      reloadIfOk(host.call('connections.setWebhookSecret', input)),
    deleteSecret: async (input: CallInput<'connections.deleteSecret'>) =>
      errorOf(
        await reloadIfOk(
          host.call('connections.deleteSecret', input),
          input.purpose === 'api' ? input.connectionId : undefined,
        ),
      ),
    remove: async (id: string) => errorOf(await reloadIfOk(host.call('connections.remove', { connectionId: id }))),
    /** A locked connection sends no cancellations; status checks continue. */
    setLocked: async (id: string, isLocked: boolean) =>
      errorOf(await reloadIfOk(host.call('connections.setLocked', { connectionId: id, isLocked }))),
  };
});

/** The rate limit of each connection. */
export const useRateLimits = defineStore('rate-limits', () => {
  const host = useHost();
  const batches = useBatches();
  const { data, failure, load, setData } = useHostQuery('rateLimits.list', () => ({}), {
    isLazy: true,
    reloadOn: ['connections.changed'],
  });

  function applyRateLimit(changed: ConnectionRateLimit): void {
    const others = (data.value ?? []).filter(({ connectionId }) => connectionId !== changed.connectionId);
    setData([...others, changed]);
  }

  /** Reloads the batches of a connection: a paused batch sends no event when the rate limit changes. */
  function reloadBatches(connectionId: string): void {
    for (const batch of [...batches.active, ...batches.needingAttention])
      if (batch.connections.some((connection) => connection.connectionId === connectionId))
        void batches.loadBatch(batch.id);
  }

  return {
    byId: computed(() => new Map((data.value ?? []).map((row) => [row.connectionId, row]))),
    failure,
    load,
    change: async (input: CallInput<'rateLimits.change'>) =>
      errorOf(
        await afterSuccess(host.call('rateLimits.change', input), (changed) => {
          applyRateLimit(changed);
          reloadBatches(input.connectionId);
        }),
      ),
    /** Resumes the batches on a paused connection. */
    resumeConnection: async (connectionId: string) =>
      errorOf(await afterSuccess(host.call('batches.resumeConnection', { connectionId }), applyRateLimit)),
  };
});
