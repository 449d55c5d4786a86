import { beforeEach, describe, expect, it } from 'vitest';
import { h, nextTick, shallowRef } from 'vue';
import { page, userEvent } from 'vitest/browser';
import { issueAction, eligibility } from '../../src-main/contract/index.ts';
import type { Batch, BatchState } from '../../src-main/contract/index.ts';
import BatchProgress from '../../src-renderer/views/batches/BatchProgress.vue';
import ConnectionProgress from '../../src-renderer/views/batches/ConnectionProgress.vue';
import PlanReview from '../../src-renderer/views/batches/PlanReview.vue';
import {
  batchId,
  finishedBatchFields,
  fakeBatch,
  fakeBatchConnection,
  fakeRunningBatch,
} from '../support/fake-batches.ts';
import { fakeConnection } from '../support/fake-api-client.ts';
import type { FakeApiOptions } from '../support/fake-api-client.ts';
import { mountApp, mountComponent, type MountedApp } from './mount-app.ts';
import { fakeCallError, fakeMessage } from '../support/fake-messages.ts';
import { nonEmpty } from '../support/non-empty.ts';

const dialog = () => page.getByRole('dialog');
const expectVisible = (text: string | RegExp) => expect.element(page.getByText(text).first()).toBeVisible();
const expectText = (locator: { element(): Element }, text: string) =>
  expect.poll(() => locator.element().textContent).toContain(text);
const callInputs = ({ client }: MountedApp, name: string) =>
  client.calls.filter((each) => each.name === name).map(({ input }) => input);
const connections = [1, 2, 3].map((number) => fakeConnection(number));
const runningBatch = fakeRunningBatch(12, connections);

const mountBatch = (batch: Batch, options: FakeApiOptions = {}, subpath = ''): Promise<MountedApp> =>
  mountApp({ sessionCount: 60, connections, batches: [batch], ...options }, `/batches/${batch.id}${subpath}`);

beforeEach(() => page.viewport(1280, 800));

describe('batch list', () => {
  it('batch list: an empty list explains what a batch is and how to start one', async () => {
    await mountApp({ sessionCount: 3 }, '/batches');
    await expectVisible(
      'A batch cancels many sessions. It starts as a plan that shows what would happen. Nothing is ' +
        'sent until you confirm the plan.',
    );
    await page.getByRole('button', { name: 'Go to sessions' }).click();
    await expect.element(page.getByRole('grid', { name: 'Sessions' })).toBeVisible();
  });

  it('batch list: each row shows state and outcomes as text, newest first, and Enter opens a batch', async () => {
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
        batches: states.map(([state, , overrides], index) =>
          fakeBatch(index + 1, { ...overrides, id: batchId(index + 1), number: index + 1, state }),
        ),
      },
      '/batches',
    );
    await expect.element(page.getByRole('grid', { name: 'Batches' })).toHaveAttribute('aria-rowcount', '13');
    for (const [index, [, stateText]] of states.entries()) {
      await expectText(page.getByRole('row').nth(states.length - index), stateText);
    }
    await expectText(page.getByRole('row').nth(1), '1,131 cancelled · 5 unknown · 16 failed · 52 already final');
    await page.getByRole('row').nth(1).element().focus();
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('heading', { name: 'Batch 12' })).toBeVisible();
  });

  it('sidebar: running batches are counted in every view, and a batch that needs attention is marked', async () => {
    const screen = await mountApp(
      { connections, batches: [runningBatch, fakeRunningBatch(13, connections, { state: 'paused' })] },
      '/settings',
    );
    await expect.element(page.getByRole('link', { name: /Batches.*2 running/ })).toBeVisible();
    await expect.poll(() => document.title).toMatch(/^46% · Settings/);
    screen.client.emit('batches.changed', { rows: [{ ...runningBatch, state: 'interrupted' }] });
    await expect.element(page.getByRole('link', { name: /Batches.*1 running, 1 needs attention/ })).toBeVisible();
  });

  it('batch view: a batch that does not exist shows "not found"', async () => {
    await mountApp({ batches: [] }, `/batches/${batchId(9)}`);
    await expect.element(page.getByRole('heading', { name: 'This batch cannot be shown' })).toBeVisible();
  });
});

describe('plan from the session list', () => {
  async function choose(keys: string): Promise<MountedApp> {
    const screen = await mountApp({ sessionCount: 60, connections }, '/sessions?status=active');
    await expect.poll(() => page.getByRole('row').elements().length).toBeGreaterThan(3);
    (page.getByRole('row').nth(1).element() as HTMLElement).focus();
    await userEvent.keyboard(keys);
    return screen;
  }

  it('plan from the session list: Delete on several selected sessions creates a plan', async () => {
    const screen = await choose(' {ArrowDown} {Delete}');
    await expect.element(page.getByRole('heading', { name: 'Plan 1' })).toBeVisible();
    expect((callInputs(screen, 'batches.plan')[0] as { sessionKeys: number[] }).sessionKeys.length).toBe(2);
  });

  it('plan from the session list: the button with the number of matches creates a plan', async () => {
    const screen = await choose('{Control>}a{/Control}');
    await page.getByRole('button', { name: /^Cancel \d+…$/ }).click();
    await expect.element(page.getByRole('heading', { name: 'Plan 1' })).toBeVisible();
    expect(callInputs(screen, 'batches.plan')).toMatchObject([{ filter: { statuses: ['active'] }, excludedKeys: [] }]);
  });

  it.each([
    ['one selected session', ' {Delete}'],
    ['a row', '{Delete}'],
  ])('session list: Delete on %s opens the cancel dialog', async (_title, keys) => {
    const screen = await choose(keys);
    await expect.element(dialog().getByRole('heading', { name: 'Cancel this session?' })).toBeVisible();
    expect(callInputs(screen, 'batches.plan')).toEqual([]);
  });

  it('plan from the session list: a declined plan shows the reason', async () => {
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

describe('plan', () => {
  it('plan: the summary shows what is cancelled, how long the plan is valid and the duration', async () => {
    await mountBatch(fakeBatch(12));
    await expectVisible(/^Cancel 1,204 of 1,310 sessions\./);
    await expectVisible('106 are excluded.');
    await expectVisible(/^Valid for 2[78]:\d\d$/);
    await expectVisible(/^Takes about 5m at the current rate limit$/);
    await expectVisible('CAD 84,213.55');
  });

  it('plan: every eligibility is explained, and each line links to its sessions', async () => {
    await mountBatch(
      fakeBatch(12, {
        eligibilityCounts: Object.fromEntries(eligibility.options.map((value, index) => [value, index + 1])),
      }),
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

  it('plan: a check of outdated statuses shows progress and stops on request', async () => {
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

  it('plan: an empty plan cannot be confirmed', async () => {
    await mountBatch(fakeBatch(12, { state: 'expired' }));
    await expectVisible('This plan has expired');
    expect(page.getByRole('button', { name: /^Cancel/ }).elements()).toEqual([]);
  });

  it('plan: without an eligible session nothing can be cancelled, and other sessions can be chosen', async () => {
    await mountBatch(fakeBatch(12, { eligible: 0, sessions: 106, eligibilityCounts: { already_final: 106 } }));
    await expectVisible('No session of this plan can be cancelled');
    expect(page.getByRole('button', { name: /^Cancel/ }).elements()).toEqual([]);
    await expect.element(page.getByRole('button', { name: 'Discard plan' })).toBeVisible();
    await page.getByRole('button', { name: 'Choose other sessions' }).click();
    await expect.element(page.getByRole('grid', { name: 'Sessions' })).toBeVisible();
  });

  it.each([
    ['already_final', 'All of them have already ended. There is nothing left to cancel.'],
    ['no_credential', 'The secret of their connection is missing. Enter it again, then create a new plan.'],
    ['connection_locked', 'Their connection is locked. Unlock it, then create a new plan.'],
    ['not_offered', 'Their account cannot cancel sessions of this product.'],
  ] as const)('plan: without an eligible session (%s) the reason is shown', async (reason, text) => {
    const batch = fakeBatch(12, { eligible: 0, sessions: 106, eligibilityCounts: { [reason]: 106 } });
    await mountComponent(() => h(PlanReview, { batch, summary: null }));
    await expectVisible('No session of this plan can be cancelled');
    await expectVisible(text);
    const isOfConnection = reason === 'no_credential' || reason === 'connection_locked';
    expect(page.getByRole('button', { name: 'Go to connections' }).elements()).toHaveLength(isOfConnection ? 1 : 0);
  });

  it('plan: several reasons against eligibility are listed, with a link to the connections', async () => {
    await mountBatch(
      fakeBatch(12, { eligible: 0, sessions: 106, eligibilityCounts: { already_final: 71, connection_locked: 35 } }),
    );
    await expectVisible('There are several reasons. Each one is listed below with a solution.');
    await expectVisible('Unlock the connection, then create a new plan.');
    await page.getByRole('button', { name: 'Go to connections' }).click();
    await expect.element(page.getByRole('heading', { name: 'Connections', level: 1 })).toBeVisible();
  });

  it('plan: a discarded plan sends nothing', async () => {
    const screen = await mountBatch(fakeBatch(12));
    await page.getByRole('button', { name: 'Discard plan' }).click();
    await expectText(page.getByRole('grid', { name: 'Batches' }), 'Discarded');
    expect(callInputs(screen, 'batches.confirm')).toEqual([]);
  });
});

describe('batch confirmation', () => {
  async function ask(batch = fakeBatch(12), options: FakeApiOptions = {}): Promise<MountedApp> {
    const screen = await mountBatch(batch, options);
    await page.getByRole('button', { name: /^Cancel [\d,]+ sessions…$/ }).click();
    await expect.element(dialog().getByRole('button', { name: 'Keep sessions' })).toHaveFocus();
    return screen;
  }

  it('batch confirmation: production is marked by text and colour, and Escape keeps the sessions', async () => {
    const screen = await ask();
    await expect.element(dialog().getByText('Production: 903 real customers’ sessions')).toBeVisible();
    expect(document.querySelector('.dialog.production')).not.toBeNull();
    await userEvent.keyboard('{Escape}');
    await expect.element(dialog()).not.toBeInTheDocument();
    expect(callInputs(screen, 'batches.confirm')).toEqual([]);
  });

  it('batch confirmation: a sandbox plan shows no production mark', async () => {
    await ask(fakeBatch(12), { connections: [fakeConnection(3)] });
    expect(document.querySelector('.dialog.production')).toBeNull();
    expect(dialog().element().textContent).not.toContain('Production');
  });

  it('batch confirmation: a missing reason and a missing count are marked at their fields', async () => {
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

  it('batch confirmation: a count that core declined is marked at its field, and separators are accepted', async () => {
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

  it('batch confirmation: a plan below the threshold needs no typed count', async () => {
    const screen = await ask(fakeBatch(12, { eligible: 7, requiresTypedCount: false }));
    expect(page.getByLabelText(/to confirm/).elements()).toEqual([]);
    await userEvent.selectOptions(page.getByLabelText('Reason'), 'Test');
    await dialog().getByRole('button', { name: 'Cancel 7 sessions' }).click();
    await expect.poll(() => callInputs(screen, 'batches.confirm')).toMatchObject([{ typedCount: null }]);
  });

  it('batch confirmation: another error is shown and the focus returns to the safe button', async () => {
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

  it('batch confirmation: a changed plan shows that it changed', async () => {
    const { client } = await ask();
    client.emit('batches.changed', { rows: [fakeBatch(12, { eligible: 1_190, digest: 'cd'.repeat(32) })] });
    await expect.element(dialog().getByText(/^The plan changed while this dialog was open/)).toBeVisible();
    await expect.element(dialog().getByRole('button', { name: 'Cancel 1,204 sessions' })).toBeVisible();
  });
});

describe('batch countdown', () => {
  const armed = () =>
    fakeBatch(12, { state: 'armed', expiresAt: null, startsAt: new Date(Date.now() + 600_000).toISOString() });

  it('batch countdown: it shows the seconds until the start, and Escape aborts the batch', async () => {
    const screen = await mountBatch(armed());
    await expect.element(page.getByRole('button', { name: 'Abort batch' })).toHaveFocus();
    await expectVisible(/^1,204 sessions will be cancelled in (?:5[789]\d|600) s$/);
    await userEvent.keyboard('{Escape}');
    await expectVisible('Aborted before the start. Nothing was sent for the 1,204 sessions.');
    expect(callInputs(screen, 'batches.abort')).toEqual([{ batchId: batchId(12) }]);
    await expect.element(page.getByRole('heading', { level: 1 })).toHaveFocus();
  });

  it('batch countdown: the abort button is the largest element of the view', async () => {
    await mountBatch(armed());
    await expect.element(page.getByRole('button', { name: 'Abort batch' })).toBeVisible();
    const size = (element: Element) => element.getBoundingClientRect().width * element.getBoundingClientRect().height;
    const sizes = page.getByRole('button').elements().map(size);
    expect(size(page.getByRole('button', { name: 'Abort batch' }).element())).toBe(Math.max(...sizes));
  });
});

describe('running batch', () => {
  it('running batch: progress is shown as numbers, and each outcome links to its sessions', async () => {
    const { client } = await mountBatch(runningBatch);
    await expect
      .element(page.getByRole('progressbar', { name: 'Batch 12' }))
      .toHaveAttribute('aria-valuetext', '560 of 1,204, 2.8/s, 3m left');
    for (let step = 1; step <= 40; step += 1)
      client.emit('batches.changed', {
        rows: [
          {
            ...runningBatch,
            outcomeCounts: { ...runningBatch.outcomeCounts, cancelled: 511 + step, waiting: 640 - step },
          },
        ],
      });
    // The view draws 40 simultaneous changes in one update.
    await expectVisible('600 of 1,204');
    await page.getByRole('link', { name: /^Unknown 4/ }).click();
    await expectText(page.getByRole('row').nth(1), 'Unknown');
    expect(location.hash).toContain('outcome=unknown');
  });

  it('running batch: pause and resume keep the focus', async () => {
    const screen = await mountBatch(runningBatch);
    await page.getByRole('button', { name: 'Pause' }).click();
    await expectVisible('640 sessions are still waiting. Nothing is sent until you resume.');
    await expect.element(page.getByRole('button', { name: 'Resume', exact: true })).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('button', { name: 'Pause' })).toBeVisible();
    expect([callInputs(screen, 'batches.pause').length, callInputs(screen, 'batches.resume').length]).toEqual([1, 1]);
  });

  it('running batch: stop asks for confirmation and shows what remains unchanged', async () => {
    const screen = await mountBatch(runningBatch);
    await page.getByRole('button', { name: 'Stop…' }).click();
    await expect
      .element(dialog().getByText('No cancellation is sent for the 640 sessions that are still waiting.'))
      .toBeVisible();
    await expect.element(dialog().getByText('4 cancellations in progress are finished and recorded.')).toBeVisible();
    await expect.element(dialog().getByRole('button', { name: 'Keep running' })).toHaveFocus();
    await userEvent.keyboard('{Escape}');
    expect(callInputs(screen, 'batches.stop')).toEqual([]);
    await page.getByRole('button', { name: 'Stop…' }).click();
    await dialog().getByRole('button', { name: 'Stop batch' }).click();
    await expectVisible('Cancellations in progress are finished and recorded. Nothing new is sent.');
  });

  it('running batch: the rate limit of a connection changes after the input settles', async () => {
    const screen = await mountBatch(runningBatch);
    const slider = page.getByRole('slider', { name: 'Rate limit of Flinks Canada' });
    await expect.element(slider).toBeVisible();
    // Three steps without a pause. Keys would have a pause between them on a busy computer.
    const input = slider.element() as HTMLInputElement;
    for (let step = 1; step <= 3; step += 1) {
      input.stepUp();
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }
    await expect.element(slider).toHaveAttribute('aria-valuetext', '5 requests per second');
    await expectVisible('above the default 2');
    await expect
      .poll(() => callInputs(screen, 'rateLimits.change'))
      .toEqual([{ connectionId: connections[0]?.id, perSecond: 5, maxInFlight: 4 }]);
  });

  it('running batch: the numbers change at most every 400 ms; a new state is shown at once', async () => {
    const connection = shallowRef(fakeBatchConnection(fakeConnection(1), { state: 'running', remaining: 900 }));
    const batch = shallowRef<Batch>(fakeBatch(1, { ...runningBatch, perSecond: 3 }));
    await mountComponent(() => [
      h(BatchProgress, { batch: batch.value }),
      h(ConnectionProgress, { connection: connection.value }),
    ]);
    await expectVisible('900 left');
    await expectVisible('3/s');
    connection.value = { ...connection.value, remaining: 899 };
    batch.value = { ...batch.value, perSecond: 4 };
    await nextTick();
    expect(document.body.textContent).toContain('900 left');
    expect(document.body.textContent).toContain('3/s');
    await expectVisible('899 left');
    await expectVisible('4/s');
    connection.value = { ...connection.value, state: 'done', remaining: 0 };
    batch.value = { ...batch.value, state: 'stopped', perSecond: 0 };
    await nextTick();
    expect(document.body.textContent).toContain('0 left');
    expect(document.body.textContent).not.toContain('4/s');
  });

  it('running batch: a throttled connection shows the wait and the rate limit of the provider', async () => {
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

  it.each(nonEmpty(issueAction.options))(
    'running batch: an issue of a connection shows its text and its action: %s',
    async (action) => {
      const connection = fakeBatchConnection(fakeConnection(2), {
        state: 'paused',
        issue: { ...fakeMessage('This is why.'), action },
      });
      await mountComponent(() => h(ConnectionProgress, { connection }));
      await expectVisible('Xendit Indonesia is paused');
      await expectVisible('This is why.');
      const actions = {
        replace_secret: 'Replace secret…',
        unlock_connection: 'Unlock and resume',
        look_at_outcomes: 'Review outcomes',
      } as const;
      const button = action in actions ? actions[action as keyof typeof actions] : 'Resume connection';
      await expect.element(page.getByRole('button', { name: button })).toBeVisible();
    },
  );

  it('running batch: an issue with a refused secret links to the connection', async () => {
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

  it('running batch: unlocking a connection resumes it', async () => {
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

  it('running batch: a batch that paused itself after an error resumes at its position', async () => {
    const screen = await mountBatch({
      ...runningBatch,
      issue: { ...fakeMessage('The disk is full.'), action: 'free_disk' },
    });
    await expectVisible('Free up disk space, then resume.');
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await expect.poll(() => callInputs(screen, 'batches.resume').length).toBe(1);
  });

  it('interrupted batch: the view explains what resume does', async () => {
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
    await expectVisible('The outcome of 8 sessions is not known yet.');
    await expect.element(page.getByRole('button', { name: 'Resume', exact: true })).toBeVisible();
    // Remaining sessions and rate limit are shown before the batch resumes, and the rate limit can be changed first.
    await expectVisible('0/s of 2/s');
    await expectVisible('320 left');
    const slider = page.getByRole('slider', { name: 'Rate limit of Flinks Canada' });
    (slider.element() as HTMLElement).focus();
    await userEvent.keyboard('{ArrowLeft}');
    await expect
      .poll(() => callInputs(screen, 'rateLimits.change'))
      .toMatchObject([{ connectionId: connections[0]?.id, perSecond: 1 }]);
    // An interrupted batch sends no events, so the view reads it again.
    await expect.poll(() => callInputs(screen, 'batches.get').length).toBe(2);
  });

  it('running batch: a state change is announced to screen readers', async () => {
    const { client } = await mountBatch(runningBatch);
    await expect.element(page.getByRole('progressbar', { name: 'Batch 12' })).toBeVisible();
    client.emit('batches.changed', { rows: [{ ...runningBatch, state: 'paused' }] });
    await expect.poll(() => document.querySelector('p[aria-live="polite"]')?.textContent).toBe('Paused. 560 of 1,204');
  });
});

describe('batch results', () => {
  const finished: Batch = { ...runningBatch, ...finishedBatchFields };

  it('batch results: outcomes are compared with the plan, and each session shows its reason', async () => {
    await mountBatch(finished);
    await expectVisible('1,131 of 1,204 planned sessions were cancelled.');
    await expectVisible(/maria · Abandoned session: campaign 14/);
    await page.getByRole('button', { name: /^Refused/ }).click();
    await expectText(page.getByRole('row').nth(1), 'Refused');
    await expect.element(page.getByTitle(/^Refused\. .* does not allow it to cancel/).first()).toBeVisible();
    await page.getByRole('button', { name: /^Already final/ }).click();
    await expectText(page.getByRole('row').nth(1), 'Already final: Completed');
  });

  it('batch results: the search and the filter are stored in the URL', async () => {
    await mountBatch(finished);
    await page.getByRole('textbox', { name: 'Search by reference or session ID' }).fill('Order-20020');
    await expect.poll(() => location.hash).toContain('q=Order-20020');
    await expectText(page.getByRole('row').nth(1), 'Order-20020');
    await page.getByRole('textbox', { name: 'Search by reference or session ID' }).fill('nothing like it');
    await expect.element(page.getByRole('heading', { name: 'No matching sessions in this batch' })).toBeVisible();
    await page.getByRole('button', { name: 'Show all sessions' }).click();
    await expect.element(page.getByRole('grid', { name: 'Sessions' })).toHaveAttribute('aria-rowcount', '1311');
  });

  it('batch results: a session opens beside the list, and Escape closes it', async () => {
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
  ] as const)('batch results: a retry plans only the %s sessions', async (only, name) => {
    const screen = await mountBatch(finished);
    await page.getByRole('button', { name }).click();
    await expect.element(page.getByRole('heading', { name: 'Plan 13' })).toBeVisible();
    expect(callInputs(screen, 'batches.planRetry')).toEqual([{ batchId: batchId(12), only }]);
  });

  it('batch results: an export contains the filtered list and shows the file name', async () => {
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

  it('batch results: a toast in another view reports the end of a batch', async () => {
    const { client } = await mountApp({ connections, batches: [runningBatch] }, '/settings');
    await expect.element(page.getByRole('link', { name: /1 running/ })).toBeVisible();
    client.emit('batches.changed', { rows: [finished] });
    await expectVisible('Batch 12 is finished: 1,131 of 1,204 cancelled.');
  });
});

describe('connection', () => {
  it('connection: lock and unlock work by keyboard, and the state is shown as text', async () => {
    const screen = await mountApp({ connections: [fakeConnection(1)] }, '/connections');
    page.getByRole('button', { name: 'More actions for Flinks Canada' }).element().focus();
    await userEvent.keyboard('{Enter}');
    await page.getByRole('menuitem', { name: 'Lock', exact: true }).click();
    await expectText(
      page.getByTitle('No cancellations are sent through a locked connection. Status checks continue.'),
      'Locked',
    );
    await page.getByRole('button', { name: 'Unlock' }).click();
    await expect.element(page.getByTitle(/No cancellations are sent/)).not.toBeInTheDocument();
    expect(callInputs(screen, 'connections.setLocked')).toMatchObject([{ isLocked: true }, { isLocked: false }]);
  });

  it('connection: the rate limit accepts a decimal comma, marks an invalid value and has a default', async () => {
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
