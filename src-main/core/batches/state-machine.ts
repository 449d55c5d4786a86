/** The life of a plan and of the batch it becomes, as a table: what may happen in each state, and where it leads. */
import type { BatchState } from '../../contract/index.ts';

export const batchEvents = [
  'planned',
  'expire',
  'discard',
  'confirm',
  'call_off',
  'start',
  'pause',
  'resume',
  'stop',
  /** Nothing is under way any more, and nothing waits that would be sent. */
  'drained',
  /** The console ended and begins anew. */
  'interrupt',
] as const;
export type BatchEvent = (typeof batchEvents)[number];

const transitions: Record<BatchState, Partial<Record<BatchEvent, BatchState>>> = {
  // A half-made plan is worth nothing after a crash: making it again is safer than going on.
  planning: { planned: 'planned', discard: 'discarded', interrupt: 'discarded' },
  planned: { expire: 'expired', discard: 'discarded', confirm: 'armed' },
  armed: { call_off: 'called_off', stop: 'called_off', start: 'running', interrupt: 'interrupted' },
  running: { pause: 'paused', stop: 'stopping', drained: 'finished', interrupt: 'interrupted' },
  paused: { resume: 'running', stop: 'stopping', drained: 'finished', interrupt: 'interrupted' },
  stopping: { drained: 'stopped', interrupt: 'interrupted' },
  interrupted: { resume: 'running', stop: 'stopping' },
  expired: {},
  discarded: {},
  called_off: {},
  stopped: {},
  finished: {},
};

/** Where the event leads, or null where it cannot happen. */
export function nextState(state: BatchState, event: BatchEvent): BatchState | null {
  return transitions[state][event] ?? null;
}

/** The states in which the event can happen. */
export function statesAccepting(event: BatchEvent): BatchState[] {
  return (Object.keys(transitions) as BatchState[]).filter((state) => nextState(state, event) !== null);
}

/** Nothing can happen to it any more. */
export function isFinalState(state: BatchState): boolean {
  return Object.keys(transitions[state]).length === 0;
}
