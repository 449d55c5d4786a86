import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { issueAction, eligibility } from '../../src-main/contract/index.ts';
import type { Batch, BatchState } from '../../src-main/contract/index.ts';
import {
  batchId,
  finishedBatchFields,
  fakeBatch,
  fakeBatchConnection,
  fakeRunningBatch,
} from '../support/fake-batches.ts';
import { fakeConnection } from '../support/fake-api-client.ts';
import type { FakeApiOptions } from '../support/fake-api-client.ts';
import { mountApp, type MountedApp } from './mount-app.ts';
import { fakeCallError, fakeMessage } from '../support/fake-messages.ts';

const dialog = () => page.getByRole('dialog');
const expectVisible = (text: string | RegExp) => expect.element(page.getByText(text).first()).toBeVisible();
const expectText = (place: { element(): Element }, text: string) =>
  expect.poll(() => place.element().textContent).toContain(text);
const callInputs = ({ client }: MountedApp, name: string) =>
  client.calls.filter((each) => each.name === name).map(({ input }) => input);
const connections = [1, 2, 3].map((number) => fakeConnection(number));
const runningBatch = fakeRunningBatch(12, connections);

const mountBatch = (batch: Batch, options: FakeApiOptions = {}, rest = ''): Promise<MountedApp> =>
  mountApp({ sessionCount: 60, connections, batches: [batch], ...options }, `/batches/${batch.id}${rest}`);

beforeEach(() => page.viewport(1280, 800));

describe('the history', () => {
  it('without a batch says what one is and how to begin', async () => {
    await mountApp({ sessionCount: 3 }, '/batches');
    await expectVisible(
      'A batch cancels many sessions. It starts as a plan that shows what would happen. Nothing is sent until you confirm the plan.',
    );
    await page.getByRole('button', { name: 'Go to sessions' }).click();
    await expect.element(page.getByRole('grid', { name: 'Sessions' })).toBeVisible();
  });

  it('says the state and the outcomes of each in words, newest first, and opens one with Enter', async () => {
    const states: [BatchState, string, Partial<Batch>][] = [
      ['planning', 'Creating plan', {}],
      ['planned', 'Not confirmed', {}],
      ['expired', 'Expired', {}],
      ['discarded', 'Discarded', {}],
      ['armed', 'Starting soon', {}],
      ['called_off', 'Aborted', {}],
      ['running', 'Running', runningBatch],
      ['paused', 'Paused', runningBatch],
      ['stopping', 'Stopping', runningBatch],
      ['interrupted', 'Interrupted', runningBatch],
      ['stopped', 'Stopped', finishedBatchFields],
      ['finished', 'Finished', finishedBatchFields],
    ];
    await mountApp(
      {
        connections,
        batches: states.map(([state, , part], at) =>
          fakeBatch(at + 1, { ...part, id: batchId(at + 1), number: at + 1, state }),
        ),
      },
      '/batches',
    );
    await expect.element(page.getByRole('grid', { name: 'Batches' })).toHaveAttribute('aria-rowcount', '13');
    for (const [at, [, word]] of states.entries()) {
      await expectText(page.getByRole('row').nth(states.length - at), word);
    }
    await expectText(page.getByRole('row').nth(1), '1,131 cancelled · 5 unknown · 16 failed · 52 already final');
    await page.getByRole('row').nth(1).element().focus();
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('heading', { name: 'Batch 12' })).toBeVisible();
  });

  it('counts in the rail what is running, on every place, and asks for attention where one waits', async () => {
    const screen = await mountApp(
      { connections, batches: [runningBatch, fakeRunningBatch(13, connections, { state: 'paused' })] },
      '/settings',
    );
    await expect.element(page.getByRole('link', { name: /Batches.*2 running/ })).toBeVisible();
    await expect.poll(() => document.title).toMatch(/^46% · Settings/);
    screen.client.emit('batches.changed', { rows: [{ ...runningBatch, state: 'interrupted' }] });
    await expect.element(page.getByRole('link', { name: /Batches.*1 running, 1 needs attention/ })).toBeVisible();
  });

  it('of which one is not there says so', async () => {
    await mountApp({ batches: [] }, `/batches/${batchId(9)}`);
    await expect.element(page.getByRole('heading', { name: 'This batch cannot be shown' })).toBeVisible();
  });
});

describe('from the list of sessions', () => {
  async function choose(keys: string): Promise<MountedApp> {
    const screen = await mountApp({ sessionCount: 60, connections }, '/sessions?status=active');
    await expect.poll(() => page.getByRole('row').elements().length).toBeGreaterThan(3);
    (page.getByRole('row').nth(1).element() as HTMLElement).focus();
    await userEvent.keyboard(keys);
    return screen;
  }

  it('several that are chosen lead to a plan, by Delete', async () => {
    const screen = await choose(' {ArrowDown} {Delete}');
    await expect.element(page.getByRole('heading', { name: 'Plan 1' })).toBeVisible();
    expect((callInputs(screen, 'batches.plan')[0] as { sessionKeys: number[] }).sessionKeys.length).toBe(2);
  });

  it('all that match lead to a plan, by the button that names how many', async () => {
    const screen = await choose('{Control>}a{/Control}');
    await page.getByRole('button', { name: /^Cancel \d+…$/ }).click();
    await expect.element(page.getByRole('heading', { name: 'Plan 1' })).toBeVisible();
    expect(callInputs(screen, 'batches.plan')).toMatchObject([{ filter: { statuses: ['active'] }, excludedKeys: [] }]);
  });

  it.each([
    ['one that is chosen', ' {Delete}'],
    ['a row', '{Delete}'],
  ])('%s leads to its dialog, by Delete', async (_what, keys) => {
    const screen = await choose(keys);
    await expect.element(dialog().getByRole('heading', { name: 'Cancel this session?' })).toBeVisible();
    expect(callInputs(screen, 'batches.plan')).toEqual([]);
  });

  it('a plan that is declined says why', async () => {
    await mountApp(
      {
        sessionCount: 60,
        connections,
        errors: {
          'batches.plan': fakeCallError('batch_refused', '20 plans are open already.', { retryable: true }),
        },
      },
      '/sessions?status=active',
    );
    await expect.poll(() => page.getByRole('row').elements().length).toBeGreaterThan(3);
    (page.getByRole('row').nth(1).element() as HTMLElement).focus();
    await userEvent.keyboard(' {ArrowDown} {Delete}');
    await expectVisible('20 plans are open already.');
  });
});

describe('a plan', () => {
  it('says in one sentence what would happen, until when it holds and how long it takes', async () => {
    await mountBatch(fakeBatch(12));
    await expectVisible(/^Cancel 1,204 of 1,310 sessions\./);
    await expectVisible('106 are excluded.');
    await expectVisible(/^Valid for 2[78]:\d\d$/);
    await expectVisible(/^Takes about 5m at the current rate limit$/);
    await expectVisible('CAD 84,213.55');
  });

  it('explains every verdict, and each line leads to its sessions', async () => {
    await mountBatch(
      fakeBatch(12, { eligibilityCounts: Object.fromEntries(eligibility.options.map((each, at) => [each, at + 1])) }),
    );
    const lines = page.getByRole('listitem').getByRole('link');
    await expect
      .poll(() => lines.elements().filter((line) => line.getAttribute('href')?.includes('eligibility=')).length)
      .toBe(eligibility.options.length);
    await page.getByRole('link', { name: /Connection is locked/ }).click();
    await expect.poll(() => location.hash).toContain('/sessions?eligibility=connection_locked');
    await expect
      .element(page.getByRole('button', { name: /^Connection is locked/ }))
      .toHaveAttribute('aria-pressed', 'true');
  });

  it('refreshes what is old, shows how far that is, and stops', async () => {
    const { client } = await mountBatch(fakeBatch(12));
    await page.getByRole('button', { name: 'Check status' }).click();
    const [refreshId, startedAt] = ['20000000-0000-4000-8000-000000000009', new Date().toISOString()];
    const rest = {
      refreshId,
      startedAt,
      total: 84,
      unchanged: 20,
      notFound: 0,
      failed: 1,
      skipped: 0,
      remainingSeconds: 20,
      issues: [],
    };
    client.emit('refreshes.changed', { rows: [{ ...rest, state: 'running', changed: 10 }] });
    await expect
      .element(page.getByRole('progressbar', { name: 'Check of outdated statuses' }))
      .toHaveAttribute('aria-valuetext', 'Checked 31 of 84');
    await page.getByRole('button', { name: 'Stop check' }).click();
    await expect.poll(() => client.calls.some(({ name }) => name === 'refreshes.stop')).toBe(true);
  });

  it('that came to nothing cannot be confirmed', async () => {
    await mountBatch(fakeBatch(12, { state: 'expired' }));
    await expectVisible('This plan has expired');
    expect(page.getByRole('button', { name: /^Cancel/ }).elements()).toEqual([]);
  });

  it.each([
    ['already_final', 'All of them have already ended. There is nothing left eligible.'],
    ['no_credential', 'The secret of their connection is missing. Enter it again, then create a new plan.'],
    ['connection_locked', 'Their connection is locked. Unlock it, then create a new plan.'],
    ['not_offered', 'Their account cannot cancel sessions of this product.'],
  ] as const)('with nothing eligible says why (%s), offers no cancel, and leads back', async (reason, words) => {
    await mountBatch(fakeBatch(12, { eligible: 0, sessions: 106, eligibilityCounts: { [reason]: 106 } }));
    await expectVisible('No session of this plan can be cancelled');
    await expectVisible(words);
    expect(page.getByRole('button', { name: /^Cancel/ }).elements()).toEqual([]);
    await expect.element(page.getByRole('button', { name: 'Discard plan' })).toBeVisible();
    const isOfConnection = reason === 'no_credential' || reason === 'connection_locked';
    expect(page.getByRole('button', { name: 'Go to connections' }).elements()).toHaveLength(isOfConnection ? 1 : 0);
    await page.getByRole('button', { name: 'Choose other sessions' }).click();
    await expect.element(page.getByRole('grid', { name: 'Sessions' })).toBeVisible();
  });

  it('with nothing eligible for several reasons names each, and leads to the connections where one is theirs', async () => {
    await mountBatch(
      fakeBatch(12, { eligible: 0, sessions: 106, eligibilityCounts: { already_final: 71, connection_locked: 35 } }),
    );
    await expectVisible('There are several reasons. Each one is listed below with a solution.');
    await expectVisible('Unlock the connection, then create a new plan.');
    await page.getByRole('button', { name: 'Go to connections' }).click();
    await expect.element(page.getByRole('heading', { name: 'Connections', level: 1 })).toBeVisible();
  });

  it('is thrown away, and nothing is sent', async () => {
    const screen = await mountBatch(fakeBatch(12));
    await page.getByRole('button', { name: 'Discard plan' }).click();
    await expectText(page.getByRole('grid', { name: 'Batches' }), 'Discarded');
    expect(callInputs(screen, 'batches.confirm')).toEqual([]);
  });
});

describe('the confirmation', () => {
  async function ask(batch = fakeBatch(12), options: FakeApiOptions = {}): Promise<MountedApp> {
    const screen = await mountBatch(batch, options);
    await page.getByRole('button', { name: /^Cancel [\d,]+ sessions…$/ }).click();
    await expect.element(dialog().getByRole('button', { name: 'Keep sessions' })).toHaveFocus();
    return screen;
  }

  it('wears production in word and colour, and keeps the sessions on Escape', async () => {
    const screen = await ask();
    await expect.element(dialog().getByText('Production: 903 real customers’ sessions')).toBeVisible();
    expect(document.querySelector('.dialog.production')).not.toBeNull();
    await userEvent.keyboard('{Escape}');
    await expect.element(dialog()).not.toBeInTheDocument();
    expect(callInputs(screen, 'batches.confirm')).toEqual([]);
  });

  it('says no word of production over a sandbox', async () => {
    await ask(fakeBatch(12), { connections: [fakeConnection(3)] });
    expect(document.querySelector('.dialog.production')).toBeNull();
    expect(dialog().element().textContent).not.toContain('Production');
  });

  it('asks for a reason and for the number, each at its field', async () => {
    const screen = await ask();
    const submit = dialog().getByRole('button', { name: 'Cancel 1,204 sessions' });
    await submit.click();
    await expect.element(dialog().getByText('Choose a reason. It is recorded in the audit log.')).toBeVisible();
    await userEvent.selectOptions(page.getByLabelText('Reason'), 'Test');
    await submit.click();
    await expect.element(dialog().getByText('Enter the number of sessions in digits.')).toBeVisible();
    await expect.element(page.getByLabelText('Type 1,204 to confirm')).toHaveFocus();
    expect(callInputs(screen, 'batches.confirm')).toEqual([]);
  });

  it('shows at the field that the main process declined the number, and takes it as people write it', async () => {
    const screen = await ask();
    await userEvent.selectOptions(page.getByLabelText('Reason'), 'Test');
    const count = page.getByLabelText('Type 1,204 to confirm');
    await count.fill('1310');
    await userEvent.keyboard('{Enter}');
    await expect.element(count).toHaveAccessibleDescription(/The plan has 1204 eligible sessions, not 1310\./);
    await expect.element(count).toHaveFocus();
    await count.fill('1.204');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('button', { name: 'Abort batch' })).toHaveFocus();
    expect(callInputs(screen, 'batches.confirm').map((input) => (input as { typedCount: number }).typedCount)).toEqual([
      1_310, 1_204,
    ]);
    expect(callInputs(screen, 'batches.confirm')[1]).toMatchObject({
      batchId: batchId(12),
      digest: 'ab'.repeat(32),
      reason: { category: 'Test', note: '' },
    });
  });

  it('asks for no number where none is due', async () => {
    const screen = await ask(fakeBatch(12, { eligible: 7, requiresTypedCount: false }));
    expect(page.getByLabelText(/to confirm/).elements()).toEqual([]);
    await userEvent.selectOptions(page.getByLabelText('Reason'), 'Test');
    await dialog().getByRole('button', { name: 'Cancel 7 sessions' }).click();
    await expect.poll(() => callInputs(screen, 'batches.confirm')).toMatchObject([{ typedCount: null }]);
  });

  it('says what else was declined, and returns to the safe button', async () => {
    await ask(fakeBatch(12, { requiresTypedCount: false }), {
      errors: {
        'batches.confirm': fakeCallError('plan_expired', 'The plan is older than 30 minutes.'),
      },
    });
    await userEvent.selectOptions(page.getByLabelText('Reason'), 'Test');
    await dialog().getByRole('button', { name: 'Cancel 1,204 sessions' }).click();
    await expect.element(dialog().getByText('Not confirmed; nothing was sent')).toBeVisible();
    await expect.element(dialog().getByText('The plan is older than 30 minutes.')).toBeVisible();
    await expect.element(dialog().getByRole('button', { name: 'Keep sessions' })).toHaveFocus();
  });

  it('says that the plan changed meanwhile', async () => {
    const { client } = await ask();
    client.emit('batches.changed', { rows: [fakeBatch(12, { eligible: 1_190, digest: 'cd'.repeat(32) })] });
    await expect.element(dialog().getByText(/^The plan changed while this was open/)).toBeVisible();
    await expect.element(dialog().getByRole('button', { name: 'Cancel 1,204 sessions' })).toBeVisible();
  });
});

describe('the armed seconds', () => {
  const armed = () =>
    fakeBatch(12, { state: 'armed', expiresAt: null, startsAt: new Date(Date.now() + 5_000).toISOString() });

  it('are called off with Escape', async () => {
    const screen = await mountBatch(armed());
    await expect.element(page.getByRole('button', { name: 'Abort batch' })).toHaveFocus();
    await expectVisible(/^1,204 sessions will be cancelled in [45] s$/);
    await userEvent.keyboard('{Escape}');
    await expectVisible('Aborted before the start. Nothing was sent for the 1,204 sessions.');
    expect(callInputs(screen, 'batches.callOff')).toEqual([{ batchId: batchId(12) }]);
    await expect.element(page.getByRole('heading', { level: 1 })).toHaveFocus();
  });

  it('hold the biggest thing on the screen', async () => {
    await mountBatch(armed());
    await expect.element(page.getByRole('button', { name: 'Abort batch' })).toBeVisible();
    const size = (element: Element) => element.getBoundingClientRect().width * element.getBoundingClientRect().height;
    const sizes = page.getByRole('button').elements().map(size);
    expect(size(page.getByRole('button', { name: 'Abort batch' }).element())).toBe(Math.max(...sizes));
  });
});

describe('a run', () => {
  it('shows how far it is in numbers that can be read, and each outcome leads to its sessions', async () => {
    const { client } = await mountBatch(runningBatch);
    await expect
      .element(page.getByRole('progressbar', { name: 'Batch 12' }))
      .toHaveAttribute('aria-valuetext', '560 of 1,204, 2.8/s, 3m left');
    for (let at = 1; at <= 40; at += 1)
      client.emit('batches.changed', {
        rows: [
          { ...runningBatch, outcomeCounts: { ...runningBatch.outcomeCounts, cancelled: 511 + at, waiting: 640 - at } },
        ],
      });
    // Forty changes at once are one step for the eye.
    await expectVisible('600 of 1,204');
    await page.getByRole('link', { name: /^Unknown 4/ }).click();
    await expectText(page.getByRole('row').nth(1), 'Unknown');
    expect(location.hash).toContain('outcome=unknown');
  });

  it('is paused and resumed with the focus kept', async () => {
    const screen = await mountBatch(runningBatch);
    await page.getByRole('button', { name: 'Pause' }).click();
    await expectVisible('640 sessions are still waiting. Nothing is sent until you resume.');
    await expect.element(page.getByRole('button', { name: 'Resume', exact: true })).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('button', { name: 'Pause' })).toBeVisible();
    expect([callInputs(screen, 'batches.pause').length, callInputs(screen, 'batches.resume').length]).toEqual([1, 1]);
  });

  it('asks once before it stops, and says what stays', async () => {
    const screen = await mountBatch(runningBatch);
    await page.getByRole('button', { name: 'Stop…' }).click();
    await expect.element(dialog().getByText('640 sessions that were skipped yet stay as they are.')).toBeVisible();
    await expect.element(dialog().getByText('4 running are finished and recorded.')).toBeVisible();
    await expect.element(dialog().getByRole('button', { name: 'Keep running' })).toHaveFocus();
    await userEvent.keyboard('{Escape}');
    expect(callInputs(screen, 'batches.stop')).toEqual([]);
    await page.getByRole('button', { name: 'Stop…' }).click();
    await dialog().getByRole('button', { name: 'Stop batch' }).click();
    await expectVisible('Cancellations in progress are finished and recorded. Nothing new is sent.');
  });

  it('changes the pace of a connection once the hand rests', async () => {
    const screen = await mountBatch(runningBatch);
    const slider = page.getByRole('slider', { name: 'Pace of Flinks Canada' });
    slider.element().focus();
    await userEvent.keyboard('{ArrowRight}{ArrowRight}{ArrowRight}');
    await expect.element(slider).toHaveAttribute('aria-valuetext', '5 requests per second');
    await expectVisible('above the default 2');
    await expect
      .poll(() => callInputs(screen, 'rateLimits.change'))
      .toEqual([{ connectionId: connections[0]?.id, perSecond: 5, maxInFlight: 4 }]);
  });

  it('says how long a provider asked to wait, and what it allows', async () => {
    await mountBatch({
      ...runningBatch,
      connections: [
        fakeBatchConnection(fakeConnection(1), { state: 'throttled', throttledSeconds: 12 }),
        fakeBatchConnection(fakeConnection(2), { allowedPerSecond: 4 }),
      ],
    });
    await expectVisible('Throttled, 12 s');
    await expectVisible('The provider currently allows 4 requests per second.');
  });

  it.each(issueAction.options)('that a connection holds up says why and offers what helps: %s', async (help) => {
    await mountBatch({
      ...runningBatch,
      connections: [
        fakeBatchConnection(fakeConnection(2), {
          state: 'paused',
          issue: { ...fakeMessage('This is why.'), action: help },
        }),
      ],
    });
    await expectVisible('Xendit Indonesia is paused');
    await expectVisible('This is why.');
    const actions = {
      replace_secret: 'Replace secret…',
      unlock_connection: 'Unlock and resume',
      look_at_outcomes: 'Review outcomes',
    } as const;
    const button = help in actions ? actions[help as keyof typeof actions] : 'Resume connection';
    await expect.element(page.getByRole('button', { name: button })).toBeVisible();
  });

  it('leads to the secret that is to be replaced', async () => {
    await mountBatch({
      ...runningBatch,
      connections: [
        fakeBatchConnection(fakeConnection(2), {
          state: 'paused',
          issue: { ...fakeMessage('Refused.'), action: 'replace_secret' },
        }),
      ],
    });
    await page.getByRole('button', { name: 'Replace secret…' }).click();
    await expect.element(dialog().getByRole('heading', { name: 'Secret of Xendit Indonesia' })).toBeVisible();
  });

  it('unlocks a connection and lets its batches go on there', async () => {
    const locked = fakeConnection(2, { isLocked: true });
    const screen = await mountBatch(
      {
        ...runningBatch,
        connections: [
          fakeBatchConnection(locked, {
            state: 'paused',
            issue: { ...fakeMessage('Locked.'), action: 'unlock_connection' },
          }),
        ],
      },
      { connections: [fakeConnection(1), locked] },
    );
    await page.getByRole('button', { name: 'Unlock and resume' }).click();
    await expect.poll(() => callInputs(screen, 'batches.resumeConnection')).toEqual([{ connectionId: locked.id }]);
    expect(callInputs(screen, 'connections.setLocked')).toEqual([{ connectionId: locked.id, isLocked: false }]);
  });

  it('that a trouble of its own halted is resumed from where it stands', async () => {
    const screen = await mountBatch({
      ...runningBatch,
      issue: { ...fakeMessage('The disk is full.'), action: 'free_disk' },
    });
    await expectVisible('Free up disk space, then resume.');
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await expect.poll(() => callInputs(screen, 'batches.resume').length).toBe(1);
  });

  it('that was interrupted says what resuming does', async () => {
    const batchConnections = connections
      .slice(0, 2)
      .map((connection) =>
        fakeBatchConnection(connection, { state: 'waiting', remaining: 320, inFlight: 0, perSecond: 0 }),
      );
    const screen = await mountBatch({
      ...runningBatch,
      state: 'interrupted',
      perSecond: 0,
      remainingSeconds: null,
      connections: batchConnections,
    });
    await expectVisible('Session Desk ended while this batch was running');
    await expectVisible(
      'Resume continues with the 640 sessions that are left, at the rate limit set below. Stop leaves them unchanged.',
    );
    await expectVisible('The outcome of 8 sessions was not found yet.');
    await expect.element(page.getByRole('button', { name: 'Resume', exact: true })).toBeVisible();
    // Where it would go on, and how fast: both before it does, and the pace can be set first.
    await expectVisible('0/s of 2/s');
    await expectVisible('320 left');
    const slider = page.getByRole('slider', { name: 'Pace of Flinks Canada' });
    (slider.element() as HTMLElement).focus();
    await userEvent.keyboard('{ArrowLeft}');
    await expect
      .poll(() => callInputs(screen, 'rateLimits.change'))
      .toMatchObject([{ connectionId: connections[0]?.id, perSecond: 1 }]);
    // One that stands still is not pushed: the screen looks again.
    await expect.poll(() => callInputs(screen, 'batches.get').length).toBe(2);
  });

  it('speaks to a screen reader when its state changes', async () => {
    const { client } = await mountBatch(runningBatch);
    await expect.element(page.getByRole('progressbar', { name: 'Batch 12' })).toBeVisible();
    client.emit('batches.changed', { rows: [{ ...runningBatch, state: 'paused' }] });
    await expect.poll(() => document.querySelector('p[aria-live="polite"]')?.textContent).toBe('Paused. 560 of 1,204');
  });
});

describe('the results', () => {
  const finished: Batch = { ...runningBatch, ...finishedBatchFields };

  it('compare with the plan, and say why each session came out as it did', async () => {
    await mountBatch(finished);
    await expectVisible('1,131 of 1,204 planned sessions were cancelled.');
    await expectVisible(/maria · Abandoned session: campaign 14/);
    await page.getByRole('button', { name: /^Refused/ }).click();
    await expectText(page.getByRole('row').nth(1), 'Refused');
    await expect.element(page.getByTitle(/^Refused\. .* does not allow it eligible/).first()).toBeVisible();
    await page.getByRole('button', { name: /^Already final/ }).click();
    await expectText(page.getByRole('row').nth(1), 'Already final: Completed');
  });

  it('are searched, and filter and search live in the address', async () => {
    await mountBatch(finished);
    await page.getByRole('textbox', { name: 'Search by reference or session ID' }).fill('Order-20020');
    await expect.poll(() => location.hash).toContain('q=Order-20020');
    await expectText(page.getByRole('row').nth(1), 'Order-20020');
    await page.getByRole('textbox', { name: 'Search by reference or session ID' }).fill('nothing like it');
    await expect.element(page.getByRole('heading', { name: 'No matching sessions in this batch' })).toBeVisible();
    await page.getByRole('button', { name: 'Show all sessions' }).click();
    await expect.element(page.getByRole('grid', { name: 'Sessions' })).toHaveAttribute('aria-rowcount', '1311');
  });

  it('open a session beside the list, which Escape closes', async () => {
    await mountBatch(finished);
    await page.getByRole('row').nth(3).click();
    await expect.element(page.getByRole('complementary').getByText('Timeline')).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByRole('complementary')).not.toBeInTheDocument();
    await expect.poll(() => document.activeElement?.getAttribute('role')).toBe('row');
  });

  it.each([
    ['unknown', 'Retry 5 unknown…'],
    ['failed', 'Retry 16 failed or not sent…'],
  ] as const)('plan anew what is %s alone', async (only, name) => {
    const screen = await mountBatch(finished);
    await page.getByRole('button', { name }).click();
    await expect.element(page.getByRole('heading', { name: 'Plan 13' })).toBeVisible();
    expect(callInputs(screen, 'batches.planRetry')).toEqual([{ batchId: batchId(12), only }]);
  });

  it('are exported as the list shows them, and the file is named', async () => {
    const screen = await mountBatch(finished, {}, '?outcome=unknown');
    await page.getByRole('button', { name: 'Export…' }).click();
    await expect.element(dialog().getByText(/^Sessions with the outcome “Unknown”/)).toBeVisible();
    await dialog().getByText('JSON Lines', { exact: true }).click();
    await dialog().getByRole('button', { name: 'Export 5 sessions' }).click();
    await expect.element(dialog().getByText(/batch-12-20261121T100000Z\.csv$/)).toBeVisible();
    expect(callInputs(screen, 'batches.export')).toMatchObject([
      { format: 'jsonl', unmaskedIds: false, filter: { outcomes: ['unknown'] } },
    ]);
  });

  it('are told by a toast to who looks elsewhere', async () => {
    const { client } = await mountApp({ connections, batches: [runningBatch] }, '/settings');
    await expect.element(page.getByRole('link', { name: /1 running/ })).toBeVisible();
    client.emit('batches.changed', { rows: [finished] });
    await expectVisible('Batch 12 is finished: 1,131 of 1,204 cancelled.');
  });
});

describe('a connection', () => {
  it('is locked and unlocked by keyboard, and its state is a word', async () => {
    const screen = await mountApp({ connections: [fakeConnection(1)] }, '/connections');
    page.getByRole('button', { name: 'More actions for Flinks Canada' }).element().focus();
    await userEvent.keyboard('{Enter}');
    await page.getByRole('menuitem', { name: 'Lock', exact: true }).click();
    await expectText(
      page.getByTitle('No cancellations are sent through a locked connection. Status checks continue.'),
      'Locked',
    );
    await page.getByRole('button', { name: 'Unlock' }).click();
    await expect.element(page.getByTitle(/No cancel leaves/)).not.toBeInTheDocument();
    expect(callInputs(screen, 'connections.setLocked')).toMatchObject([{ isLocked: true }, { isLocked: false }]);
  });

  it('takes a pace with a comma, refuses what is none at its field, and knows the usual one', async () => {
    const screen = await mountApp({ connections: [fakeConnection(1)] }, '/connections');
    await expectVisible('2 requests per second, 4 at a time');
    await page.getByRole('button', { name: 'More actions for Flinks Canada' }).click();
    await page.getByRole('menuitem', { name: 'Rate limit…' }).click();
    const field = page.getByLabelText('Maximum requests per second');
    await field.fill('0');
    await userEvent.keyboard('{Enter}');
    await expect.element(field).toHaveAccessibleDescription('Enter a number from 0.1 to 1,000.');
    await expect.element(field).toHaveFocus();
    await field.fill('3,5');
    await userEvent.keyboard('{Enter}');
    await expect.element(dialog()).not.toBeInTheDocument();
    expect(callInputs(screen, 'rateLimits.change')).toEqual([
      { connectionId: fakeConnection(1).id, perSecond: 3.5, maxInFlight: 4 },
    ]);
    await page.getByRole('button', { name: 'More actions for Flinks Canada' }).click();
    await page.getByRole('menuitem', { name: 'Rate limit…' }).click();
    await page.getByRole('button', { name: 'Use default' }).click();
    await expect.element(field).toHaveValue('2');
  });
});
