/** What the screen derives from a plan or batch, and how it says it. */
import { useI18n } from 'vue-i18n';
import { askedVerdicts } from '../contract.ts';
import type {
  Batch,
  BatchItem,
  BatchLane,
  BatchState,
  Environment,
  ItemOutcome,
  Remedy,
  SessionStatus,
  Verdict,
} from '../contract.ts';
import { useFormats } from './formats.ts';

/** How much attention a state wants; the mark's shape tells it too. */
export type StateKind = 'plan' | 'moving' | 'held' | 'done' | 'ended' | 'open';
export const kindOf: Readonly<Record<BatchState, StateKind>> = {
  planning: 'plan',
  planned: 'plan',
  expired: 'ended',
  discarded: 'ended',
  armed: 'moving',
  called_off: 'ended',
  running: 'moving',
  paused: 'held',
  stopping: 'moving',
  interrupted: 'open',
  stopped: 'ended',
  finished: 'done',
};

/** The order of outcomes wherever they stand side by side: what was wanted first, what wants attention before what is open. */
export const outcomeOrder = [
  'cancelled',
  'already_final',
  'not_found',
  'refused',
  'still_active',
  'unknown',
  'not_sent',
  'sent',
  'intended',
  'waiting',
  'left_out',
] as const satisfies readonly ItemOutcome[];
const settled: readonly ItemOutcome[] = [
  'cancelled',
  'already_final',
  'not_found',
  'refused',
  'still_active',
  'unknown',
  'not_sent',
];

/** The status whose mark stands for an outcome. */
export const outcomeMark: Readonly<Record<ItemOutcome, SessionStatus | null>> = {
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

export const verdictOrder = [
  'will_cancel',
  'stale',
  'unresolved',
  'already_final',
  'no_credential',
  'connection_locked',
  'not_offered',
] as const satisfies readonly Verdict[];

export function isAsked(verdict: Verdict): boolean {
  return (askedVerdicts as readonly Verdict[]).includes(verdict);
}

export function settledOf(outcomes: Batch['outcomes']): number {
  return settled.reduce((sum, outcome) => sum + (outcomes[outcome] ?? 0), 0);
}

export function countOf(outcomes: Batch['outcomes'], wanted: readonly ItemOutcome[]): number {
  return wanted.reduce((sum, outcome) => sum + (outcomes[outcome] ?? 0), 0);
}

/** Still a plan, or one that never became a batch. */
export function isPlan(state: BatchState): boolean {
  return ['planning', 'planned', 'expired', 'discarded'].includes(state);
}

export function isLive(state: BatchState): boolean {
  return ['running', 'paused', 'stopping', 'interrupted'].includes(state);
}

export function hasEnded(state: BatchState): boolean {
  return state === 'stopped' || state === 'finished' || state === 'called_off';
}

export function useBatchWords() {
  const { t } = useI18n();
  const formats = useFormats();

  return {
    name: (batch: Pick<Batch, 'number' | 'state'>): string =>
      t(isPlan(batch.state) ? 'batch.planName' : 'batch.name', { number: formats.number(batch.number) }),
    state: (batch: Pick<Batch, 'state'>): string => t(`batch.state.${batch.state}`),
    origin({ origin }: Pick<Batch, 'origin'>): string {
      return origin.kind === 'retry' ? t(`batch.origin.retry.${origin.only}`) : t(`batch.origin.${origin.kind}`);
    },
    sessions: (count: number): string => t('batch.sessions', { count: formats.number(count) }, count),
    outcome: (outcome: ItemOutcome): string => t(`batch.outcome.${outcome}`),
    verdict: (verdict: Verdict): string => t(`batch.verdict.${verdict}`),
    /** What became of one session, or what the plan says of it where nothing is to be asked. */
    item(item: BatchItem): string {
      if (item.outcome === 'left_out') return t(`batch.verdict.${item.verdict}`);
      if (item.outcome === 'already_final')
        return t('audit.alreadyFinal', { status: t(`status.${item.foundStatus ?? 'unknown'}`) });
      const word = t(`batch.outcome.${item.outcome}`);
      return item.confirmedBy === 'read_back' ? t('batch.byReadBack', { outcome: word }) : word;
    },
    perSecond: (value: number): string => formats.number(Math.round(value * 10) / 10),
    /** `2 requests a second`. */
    pace: (value: number): string => t('pace.perSecond', { count: formats.number(value) }, value),
    /** `14 min left`. */
    timeLeft: (seconds: number): string => t('batch.timeLeft', { time: formats.span(seconds * 1_000) }),
    lane(lane: BatchLane): string {
      if (lane.state === 'held')
        return t('batch.lane.heldFor', { seconds: formats.number(lane.heldSeconds) }, lane.heldSeconds);
      return t(`batch.lane.${lane.state}`);
    },
    remedy: (remedy: Remedy): string => t(`batch.remedy.${remedy}`),
  };
}

/** The environments that a batch would reach, production first. */
export function environmentsOf(lanes: readonly { readonly environment: Environment }[]): Environment[] {
  return (['production', 'sandbox'] satisfies Environment[]).filter((each) =>
    lanes.some(({ environment }) => environment === each),
  );
}
