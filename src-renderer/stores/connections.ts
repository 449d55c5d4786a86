/** The accounts at the providers. No secret ever rests here: it passes through to the call and is gone. */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import type { CallError, CallInput, Connection, ConnectionVerdict, Envelope } from '../contract.ts';
import { useDesk } from './workspace.ts';
import { useHost } from './host.ts';

export const useConnections = defineStore('connections', () => {
  const host = useHost();
  const desk = useDesk();
  const list = shallowRef<readonly Connection[] | null>(null);
  const failure = shallowRef<CallError | null>(null);
  /** What the last test of each connection found, for as long as the console is open. */
  const verdicts = shallowRef<ReadonlyMap<string, ConnectionVerdict>>(new Map());
  /** Why the last test of a connection could not be made at all: the keychain, or no secret. */
  const problems = shallowRef<ReadonlyMap<string, CallError>>(new Map());
  const testing = shallowRef<ReadonlySet<string>>(new Set());
  const byId = computed(() => new Map((list.value ?? []).map((connection) => [connection.id, connection])));

  async function load(): Promise<void> {
    const answer = await host.ask('connections.list', {});
    if (answer.ok) {
      list.value = answer.value;
      failure.value = null;
    } else {
      failure.value = answer.error;
    }
  }

  /** What a test found before it was changed does not hold any more. */
  function setFinding(id: string, answer: Envelope<ConnectionVerdict> | null): void {
    const others = <Value>(found: ReadonlyMap<string, Value>) => [...found].filter(([each]) => each !== id);
    verdicts.value = new Map([...others(verdicts.value), ...(answer?.ok ? [[id, answer.value] as const] : [])]);
    problems.value = new Map([
      ...others(problems.value),
      ...(answer && !answer.ok ? [[id, answer.error] as const] : []),
    ]);
  }

  async function test(id: string): Promise<CallError | null> {
    if (testing.value.has(id)) return null;
    testing.value = new Set([...testing.value, id]);
    const answer = await host.ask('connections.test', { connectionId: id });
    testing.value = new Set([...testing.value].filter((each) => each !== id));
    setFinding(id, answer);
    return answer.ok ? null : answer.error;
  }

  async function changed<Value>(answer: Envelope<Value>): Promise<Envelope<Value>> {
    if (answer.ok) await load();
    return answer;
  }

  async function add(input: CallInput<'connections.add'>): Promise<Envelope<Connection>> {
    return changed(await host.ask('connections.add', input));
  }

  async function replaceSecret(input: CallInput<'connections.replaceSecret'>): Promise<Envelope<Connection>> {
    const answer = await changed(await host.ask('connections.replaceSecret', input));
    if (answer.ok) setFinding(input.connectionId, null);
    return answer;
  }

  async function change(input: CallInput<'connections.change'>): Promise<Envelope<Connection>> {
    const answer = await changed(await host.ask('connections.change', input));
    if (answer.ok) setFinding(input.connectionId, null);
    return answer;
  }

  async function forgetSecret(input: CallInput<'connections.forgetSecret'>): Promise<CallError | null> {
    const answer = await changed(await host.ask('connections.forgetSecret', input));
    if (answer.ok && input.purpose === 'account') setFinding(input.connectionId, null);
    return answer.ok ? null : answer.error;
  }

  async function setEventSecret(input: CallInput<'connections.setEventSecret'>): Promise<Envelope<Connection>> {
    return changed(await host.ask('connections.setEventSecret', input));
  }

  async function remove(id: string): Promise<CallError | null> {
    const answer = await changed(await host.ask('connections.remove', { connectionId: id }));
    return answer.ok ? null : answer.error;
  }

  /** A locked connection takes no cancel until it is unlocked; reading goes on. */
  async function setLocked(id: string, locked: boolean): Promise<CallError | null> {
    const answer = await changed(await host.ask('connections.setLocked', { connectionId: id, locked }));
    return answer.ok ? null : answer.error;
  }

  host.on('connections.changed', () => void load());
  watch(
    () => desk.generation,
    () => {
      list.value = null;
      verdicts.value = new Map();
      problems.value = new Map();
      void load();
    },
  );

  return {
    list,
    failure,
    verdicts,
    problems,
    testing,
    byId,
    load,
    test,
    add,
    change,
    replaceSecret,
    setEventSecret,
    forgetSecret,
    remove,
    setLocked,
  };
});
