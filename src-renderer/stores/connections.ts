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
    const answer = await host.call('connections.list', {});
    if (answer.ok) {
      list.value = answer.value;
      failure.value = null;
    } else {
      failure.value = answer.error;
    }
  }

  /** `answer` is null after a change of the connection: the last result is no longer valid. */
  function setTestResult(id: string, answer: Envelope<ConnectionTestResult> | null): void {
    const others = <Value>(results: ReadonlyMap<string, Value>) => [...results].filter(([each]) => each !== id);
    testResults.value = new Map([...others(testResults.value), ...(answer?.ok ? [[id, answer.value] as const] : [])]);
    testErrors.value = new Map([
      ...others(testErrors.value),
      ...(answer && !answer.ok ? [[id, answer.error] as const] : []),
    ]);
  }

  async function test(id: string): Promise<CallError | null> {
    if (testingIds.value.has(id)) return null;
    testingIds.value = new Set([...testingIds.value, id]);
    const answer = await host.call('connections.test', { connectionId: id });
    testingIds.value = new Set([...testingIds.value].filter((each) => each !== id));
    setTestResult(id, answer);
    return answer.ok ? null : answer.error;
  }

  async function reloadIfOk<Value>(answer: Envelope<Value>): Promise<Envelope<Value>> {
    if (answer.ok) await load();
    return answer;
  }

  async function add(input: CallInput<'connections.add'>): Promise<Envelope<Connection>> {
    return reloadIfOk(await host.call('connections.add', input));
  }

  async function replaceSecret(input: CallInput<'connections.replaceSecret'>): Promise<Envelope<Connection>> {
    const answer = await reloadIfOk(await host.call('connections.replaceSecret', input));
    if (answer.ok) setTestResult(input.connectionId, null);
    return answer;
  }

  async function change(input: CallInput<'connections.change'>): Promise<Envelope<Connection>> {
    const answer = await reloadIfOk(await host.call('connections.change', input));
    if (answer.ok) setTestResult(input.connectionId, null);
    return answer;
  }

  async function deleteSecret(input: CallInput<'connections.deleteSecret'>): Promise<CallError | null> {
    const answer = await reloadIfOk(await host.call('connections.deleteSecret', input));
    if (answer.ok && input.purpose === 'api') setTestResult(input.connectionId, null);
    return answer.ok ? null : answer.error;
  }

  async function setWebhookSecret(input: CallInput<'connections.setWebhookSecret'>): Promise<Envelope<Connection>> {
    return reloadIfOk(await host.call('connections.setWebhookSecret', input));
  }

  async function remove(id: string): Promise<CallError | null> {
    const answer = await reloadIfOk(await host.call('connections.remove', { connectionId: id }));
    return answer.ok ? null : answer.error;
  }

  /** A locked connection sends no cancellations; status checks continue. */
  async function setLocked(id: string, isLocked: boolean): Promise<CallError | null> {
    const answer = await reloadIfOk(await host.call('connections.setLocked', { connectionId: id, isLocked }));
    return answer.ok ? null : answer.error;
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
