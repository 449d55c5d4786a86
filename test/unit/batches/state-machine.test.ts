import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchState, type BatchState } from '../../../src-main/contract/index.ts';
import {
  batchEvents,
  isFinalState,
  nextState,
  statesAccepting,
  type BatchEvent,
} from '../../../src-main/core/batches/state-machine.ts';

const states = batchState.options;
/** Nothing may be sent in any other. */
const sendingStates: readonly BatchState[] = ['running', 'stopping'];

interface Model {
  state: BatchState;
  isConfirmed: boolean;
}
interface RealState {
  state: BatchState;
}

/** Each event as a command: the table may only ever do what the words of the design allow. */
class EventCommand implements fc.Command<Model, RealState> {
  readonly event: BatchEvent;

  constructor(event: BatchEvent) {
    this.event = event;
  }

  check(): boolean {
    return true;
  }

  run(model: Model, real: RealState): void {
    const before = real.state;
    const after = nextState(before, this.event);
    expect(after !== null).toBe(statesAccepting(this.event).includes(before));
    if (isFinalState(before)) expect(after).toBeNull();
    if (after === null) return;
    if (this.event === 'confirm') {
      expect(before).toBe('planned');
      expect(model.isConfirmed).toBe(false);
      model.isConfirmed = true;
    }
    // What was never confirmed is never carried out; what was confirmed is no plan any more.
    expect(model.isConfirmed).toBe(!['planning', 'planned', 'expired', 'discarded'].includes(after));
    // Into the sending states by the time running out, by the operator's word, or by finishing what is under way.
    if (sendingStates.includes(after) && !sendingStates.includes(before))
      expect(['start', 'resume', 'stop']).toContain(this.event);
    // The end of the console never lets anything be sent by itself.
    if (this.event === 'interrupt') expect(['discarded', 'interrupted']).toContain(after);
    real.state = after;
    model.state = after;
  }

  toString(): string {
    return this.event;
  }
}

describe('the life of a batch', () => {
  it('goes only where it may, whatever happens in whatever order', () => {
    const command = fc.constantFrom(...batchEvents).map((event) => new EventCommand(event));
    fc.assert(
      fc.property(fc.commands([command], { maxCommands: 60 }), (commands) => {
        fc.modelRun(
          () => ({
            model: { state: 'planning', isConfirmed: false } as Model,
            real: { state: 'planning' } as RealState,
          }),
          commands,
        );
      }),
      { numRuns: 500 },
    );
  });

  it('can end from every state, and nothing follows an end', () => {
    const ends = states.filter(isFinalState);
    expect(ends).toEqual(['expired', 'discarded', 'called_off', 'stopped', 'finished']);
    for (const state of states) {
      const reached = new Set<BatchState>([state]);
      for (const from of reached) for (const event of batchEvents) reached.add(nextState(from, event) ?? from);
      expect([...reached].some(isFinalState)).toBe(true);
    }
  });

  it('reaches every state from the first one', () => {
    const reached = new Set<BatchState>(['planning']);
    for (const from of reached) for (const event of batchEvents) reached.add(nextState(from, event) ?? from);
    expect([...reached].sort()).toEqual([...states].sort());
  });

  it('is a batch by one road alone', () => {
    const roads = states
      .flatMap((from) => batchEvents.map((event) => ({ from, event, to: nextState(from, event) })))
      .filter(({ to }) => to === 'armed');
    expect(roads).toEqual([{ from: 'planned', event: 'confirm', to: 'armed' }]);
  });
});
