/** State machine of a plan and its batch, as a table of transitions. */
import { planValidityMinutes, type BatchState } from '../../contract/index.ts';
import type { BatchRow } from '../store/index.ts';

export const batchEvents = [
  'planned',
  /** The sessions of the plan are evaluated again: first its digest is removed, then a new one is stored. */
  'invalidate',
  'reevaluate',
  'expire',
  'discard',
  'confirm',
  'abort',
  'start',
  'pause',
  'resume',
  'stop',
  /** No request is in flight, and no session waits to be sent. */
  'drained',
  /** The app ended and was started again. */
  'interrupt',
] as const;
export type BatchEvent = (typeof batchEvents)[number];

const transitions: Record<BatchState, Partial<Record<BatchEvent, BatchState>>> = {
  // After a crash an incomplete plan is discarded: a new plan is safer than a continued one.
  planning: { planned: 'planned', discard: 'discarded', interrupt: 'discarded' },
  planned: {
    invalidate: 'planned',
    reevaluate: 'planned',
    expire: 'expired',
    discard: 'discarded',
    confirm: 'armed',
  },
  armed: { abort: 'called_off', stop: 'called_off', start: 'running', interrupt: 'interrupted' },
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

/** The next state, or null if the state does not accept the event. */
export function nextState(state: BatchState, event: BatchEvent): BatchState | null {
  return transitions[state][event] ?? null;
}

/** True if the state accepts no event. */
export function isFinalState(state: BatchState): boolean {
  return Object.keys(transitions[state]).length === 0;
}

/** When a plan expires, as milliseconds since the epoch; Infinity while it is not complete. */
export function getPlanExpiryMs({ plannedAt }: Pick<BatchRow, 'plannedAt'>): number {
  return plannedAt === null ? Number.POSITIVE_INFINITY : Date.parse(plannedAt) + planValidityMinutes * 60_000;
}
