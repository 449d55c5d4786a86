/** Texts and derived values for plans and batches. */
import { useI18n } from 'vue-i18n';
import { eligibleForCancel } from '../contract.ts';
import type {
  Batch,
  BatchItem,
  BatchConnection,
  BatchState,
  Environment,
  ItemOutcome,
  IssueAction,
  SessionStatus,
  Eligibility,
} from '../contract.ts';
import { useFormats } from './formats.ts';

/** Groups of states that share an icon. */
export type StateCategory = 'plan' | 'active' | 'paused' | 'finished' | 'ended' | 'interrupted';
export const stateCategories: Readonly<Record<BatchState, StateCategory>> = {
  planning: 'plan',
  planned: 'plan',
  expired: 'ended',
  discarded: 'ended',
  armed: 'active',
  called_off: 'ended',
  running: 'active',
  paused: 'paused',
  stopping: 'active',
  interrupted: 'interrupted',
  stopped: 'ended',
  finished: 'finished',
};

/** In display order: success, then outcomes that need attention. */
export const settledOutcomes = [
  'cancelled',
  'already_final',
  'not_found',
  'refused',
  'still_active',
  'unknown',
  'not_sent',
] as const satisfies readonly ItemOutcome[];
/** Display order of all outcomes: the last ones are those of items without an outcome. */
export const outcomeOrder = [
  ...settledOutcomes,
  'sent',
  'intended',
  'waiting',
  'left_out',
] as const satisfies readonly ItemOutcome[];

/** The status whose icon represents an outcome. */
export const outcomeIconStatus: Readonly<Record<ItemOutcome, SessionStatus | null>> = {
  cancelled: 'cancelled',
  already_final: 'completed',
  not_found: 'failed',
  refused: 'failed',
  still_active: 'active',
  unknown: 'unknown',
  not_sent: 'failed',
  sent: 'in_progress',
  intended: 'in_progress',
  waiting: null,
  left_out: null,
};

export const eligibilityOrder = [
  'will_cancel',
  'stale',
  'unresolved',
  'already_final',
  'no_credential',
  'connection_locked',
  'not_offered',
] as const satisfies readonly Eligibility[];

export function isEligible(eligibility: Eligibility): boolean {
  return (eligibleForCancel as readonly Eligibility[]).includes(eligibility);
}

export function countSettled(outcomes: Batch['outcomeCounts']): number {
  return countOutcomes(outcomes, settledOutcomes);
}

export function countOutcomes(outcomes: Batch['outcomeCounts'], included: readonly ItemOutcome[]): number {
  return included.reduce((sum, outcome) => sum + (outcomes[outcome] ?? 0), 0);
}

/** Whether it is a plan that has not been confirmed, including expired and discarded plans. */
export function isPlan(state: BatchState): boolean {
  return ['planning', 'planned', 'expired', 'discarded'].includes(state);
}

export function isInProgress(state: BatchState): boolean {
  return ['running', 'paused', 'stopping', 'interrupted'].includes(state);
}

export function hasEnded(state: BatchState): boolean {
  return state === 'stopped' || state === 'finished' || state === 'called_off';
}

export function useBatchLabels() {
  const { t } = useI18n();
  const formats = useFormats();

  return {
    name: (batch: Pick<Batch, 'number' | 'state'>): string =>
      t(isPlan(batch.state) ? 'batch.planName' : 'batch.name', { number: formats.number(batch.number) }),
    state: (batch: Pick<Batch, 'state'>): string => t(`batch.state.${batch.state}`),
    origin({ origin }: Pick<Batch, 'origin'>): string {
      return origin.kind === 'retry' ? t(`batch.origin.retry.${origin.only}`) : t(`batch.origin.${origin.kind}`);
    },
    sessionCount: (count: number): string => formats.countText('batch.sessions', count),
    outcome: (outcome: ItemOutcome): string => t(`batch.outcome.${outcome}`),
    eligibility: (eligibility: Eligibility): string => t(`batch.eligibility.${eligibility}`),
    /** The outcome of one session; for an excluded session, the reason from the plan. */
    itemOutcome(item: BatchItem): string {
      if (item.outcome === 'left_out') return t(`batch.eligibility.${item.eligibility}`);
      if (item.outcome === 'already_final')
        return t('audit.alreadyFinal', { status: t(`status.${item.foundStatus ?? 'unknown'}`) });
      const outcome = t(`batch.outcome.${item.outcome}`);
      return item.confirmedBy === 'read_back' ? t('batch.byReadBack', { outcome }) : outcome;
    },
    rate: (value: number): string => formats.number(Math.round(value * 10) / 10),
    /** `2 requests a second`. */
    rateLimit: (value: number): string => formats.countText('rateLimit.perSecond', value),
    /** `14 min left`; empty if the batch does not run or the time is not known. */
    remainingTime: ({ state, remainingSeconds }: Batch): string =>
      state === 'running' && remainingSeconds !== null
        ? t('batch.remainingTime', { time: formats.duration(remainingSeconds * 1_000) })
        : '',
    connectionState(connection: BatchConnection): string {
      if (connection.state === 'throttled')
        return t(
          'batch.connection.throttledFor',
          { seconds: formats.number(connection.throttledSeconds) },
          connection.throttledSeconds,
        );
      return t(`batch.connection.${connection.state}`);
    },
    action: (action: IssueAction): string => t(`batch.action.${action}`),
  };
}

/** The environments of the connections, production first. */
export function environmentsOf(connections: readonly { readonly environment: Environment }[]): Environment[] {
  return (['production', 'sandbox'] satisfies Environment[]).filter((each) =>
    connections.some(({ environment }) => environment === each),
  );
}
