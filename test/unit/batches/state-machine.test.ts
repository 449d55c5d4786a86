import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchState, type BatchState } from '../../../src-main/contract/index.ts';
import { batchEvents, isFinalState, nextState, type BatchEvent } from '../../../src-main/core/batches/state-machine.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const states = batchState.options;
/** The only states in which cancel requests may be sent. */
const sendingStates: readonly BatchState[] = ['running', 'stopping'];

interface Model {
  state: BatchState;
  isConfirmed: boolean;
}
interface RealState {
  state: BatchState;
}

/** An event as a command of the model: checks each transition against the rules of the design. */
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
    if (isFinalState(before)) expect(after).toBeNull();
    if (after === null) return;
    if (this.event === 'confirm') {
      expect(before).toBe('planned');
      expect(model.isConfirmed).toBe(false);
      model.isConfirmed = true;
    }
    // A plan that was not confirmed never runs. A confirmed plan never becomes a plan again.
    expect(model.isConfirmed).toBe(!['planning', 'planned', 'expired', 'discarded'].includes(after));
    // Only these events lead to a state in which requests are sent.
    if (sendingStates.includes(after) && !sendingStates.includes(before))
      expect(['start', 'resume', 'stop']).toContain(this.event);
    // After the end of the app nothing is sent automatically.
    if (this.event === 'interrupt') expect(['discarded', 'interrupted']).toContain(after);
    real.state = after;
    model.state = after;
  }

  toString(): string {
    return this.event;
  }
}

describe('nextState', () => {
  it('nextState: random sequences of events follow the rules of the design', () => {
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

  it('isFinalState: a final state is reachable from every state', () => {
    const finalStates = states.filter(isFinalState);
    expect(finalStates).toEqual(['expired', 'discarded', 'called_off', 'stopped', 'finished']);
    for (const state of nonEmpty(states)) {
      const reached = new Set<BatchState>([state]);
      for (const from of reached) for (const event of batchEvents) reached.add(nextState(from, event) ?? from);
      expect([...reached].some(isFinalState)).toBe(true);
    }
  });

  it('nextState: every state is reachable from planning', () => {
    const reached = new Set<BatchState>(['planning']);
    for (const from of reached) for (const event of batchEvents) reached.add(nextState(from, event) ?? from);
    expect([...reached].sort()).toEqual([...states].sort());
  });

  it('nextState: only the confirmation of a plan leads to the state armed', () => {
    const armingTransitions = states
      .flatMap((from) => batchEvents.map((event) => ({ from, event, to: nextState(from, event) })))
      .filter(({ to }) => to === 'armed');
    expect(armingTransitions).toEqual([{ from: 'planned', event: 'confirm', to: 'armed' }]);
  });
});
