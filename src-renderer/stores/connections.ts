/** Connections to the providers. Secrets are passed to the call and are not stored here. */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import type { CallError, CallInput, Connection, ConnectionTestResult, Envelope } from '../contract.ts';
import { useWorkspace } from './workspace.ts';
import { useHost } from './host.ts';

export const useConnections = defineStore('connections', () => {
  const host = useHost();
  const workspace = useWorkspace();
  const list = shallowRef<readonly Connection[] | null>(null);
  const failure = shallowRef<CallError | null>(null);
  /** The result of each connection's last test, until the page is closed. */
  const testResults = shallowRef<ReadonlyMap<string, ConnectionTestResult>>(new Map());
  /** Why a connection's last test could not run, e.g. a locked keychain or a missing secret. */
  const testErrors = shallowRef<ReadonlyMap<string, CallError>>(new Map());
  const testingIds = shallowRef<ReadonlySet<string>>(new Set());
  const byId = computed(() => new Map((list.value ?? []).map((connection) => [connection.id, connection])));

  async function load(): Promise<void> {
    const result = await host.call('connections.list', {});
    if (result.ok) {
      list.value = result.value;
      failure.value = null;
    } else {
      failure.value = result.error;
    }
  }

  /** `result` is null after a change of the connection: the last result is no longer valid. */
  function setTestResult(id: string, result: Envelope<ConnectionTestResult> | null): void {
    const others = <Value>(results: ReadonlyMap<string, Value>) => [...results].filter(([each]) => each !== id);
    testResults.value = new Map([...others(testResults.value), ...(result?.ok ? [[id, result.value] as const] : [])]);
    testErrors.value = new Map([
      ...others(testErrors.value),
      ...(result && !result.ok ? [[id, result.error] as const] : []),
    ]);
  }

  async function test(id: string): Promise<CallError | null> {
    if (testingIds.value.has(id)) return null;
    testingIds.value = new Set([...testingIds.value, id]);
    const result = await host.call('connections.test', { connectionId: id });
    testingIds.value = new Set([...testingIds.value].filter((each) => each !== id));
    setTestResult(id, result);
    return result.ok ? null : result.error;
  }

  async function reloadIfOk<Value>(result: Envelope<Value>): Promise<Envelope<Value>> {
    if (result.ok) await load();
    return result;
  }

  async function add(input: CallInput<'connections.add'>): Promise<Envelope<Connection>> {
    return reloadIfOk(await host.call('connections.add', input));
  }

  async function replaceSecret(input: CallInput<'connections.replaceSecret'>): Promise<Envelope<Connection>> {
    const result = await reloadIfOk(await host.call('connections.replaceSecret', input));
    if (result.ok) setTestResult(input.connectionId, null);
    return result;
  }

  async function change(input: CallInput<'connections.change'>): Promise<Envelope<Connection>> {
    const result = await reloadIfOk(await host.call('connections.change', input));
    if (result.ok) setTestResult(input.connectionId, null);
    return result;
  }

  async function deleteSecret(input: CallInput<'connections.deleteSecret'>): Promise<CallError | null> {
    const result = await reloadIfOk(await host.call('connections.deleteSecret', input));
    if (result.ok && input.purpose === 'api') setTestResult(input.connectionId, null);
    return result.ok ? null : result.error;
  }

  async function setWebhookSecret(input: CallInput<'connections.setWebhookSecret'>): Promise<Envelope<Connection>> {
    return reloadIfOk(await host.call('connections.setWebhookSecret', input));
  }

  async function remove(id: string): Promise<CallError | null> {
    const result = await reloadIfOk(await host.call('connections.remove', { connectionId: id }));
    return result.ok ? null : result.error;
  }

  /** A locked connection sends no cancellations; status checks continue. */
  async function setLocked(id: string, isLocked: boolean): Promise<CallError | null> {
    const result = await reloadIfOk(await host.call('connections.setLocked', { connectionId: id, isLocked }));
    return result.ok ? null : result.error;
  }

  host.on('connections.changed', () => void load());
  watch(
    () => workspace.generation,
    () => {
      list.value = null;
      testResults.value = new Map();
      testErrors.value = new Map();
      void load();
    },
  );

  return {
    list,
    failure,
    testResults,
    testErrors,
    testingIds,
    byId,
    load,
    test,
    add,
    change,
    replaceSecret,
    setWebhookSecret,
    deleteSecret,
    remove,
    setLocked,
  };
});
