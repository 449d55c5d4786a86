import { expect, it } from 'vitest';
import { LatestRequest } from '../../../src-main/core/sessions/latest-request.ts';

it('pages of one turn come beside each other; a later turn gives up those of the one before, of the same viewer alone', () => {
  const turns = new LatestRequest();
  const [first, beside, other] = [turns.getSignal('one', 1), turns.getSignal('one', 1), turns.getSignal('two', 1)];
  expect([first, beside, other].map(({ aborted }) => aborted)).toEqual([false, false, false]);
  const second = turns.getSignal('one', 2);
  expect([first, beside, other, second].map(({ aborted }) => aborted)).toEqual([true, true, false, false]);
  expect(first.reason).toMatchObject({ code: 'superseded', retryable: true });
});

it('a page of an earlier turn that comes late is not looked for', () => {
  const turns = new LatestRequest();
  const second = turns.getSignal('one', 2);
  const late = turns.getSignal('one', 1);
  expect(late.aborted).toBe(true);
  expect(late.reason).toMatchObject({ code: 'superseded' });
  expect(second.aborted).toBe(false);
});

it('nothing is looked for after the end', () => {
  const turns = new LatestRequest();
  const signal = turns.getSignal('', 0);
  turns.close();
  expect(signal.aborted).toBe(true);
});
