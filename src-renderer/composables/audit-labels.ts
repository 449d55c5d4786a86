/** The records of the audit log in words. */
import { useI18n } from 'vue-i18n';
import type { AuditFilter, AuditRecord, ItemOutcome, SessionStatus } from '../contract.ts';
import { assertNever, itemOutcome } from '../contract.ts';
import { useBatches } from '../stores/batches.ts';
import { useConnections } from '../stores/connections.ts';
import { auditFilterFields } from './audit-query-params.ts';
import type { AuditQuery } from './audit-query-params.ts';
import { useFormats } from './formats.ts';
import { maskId } from './mask-id.ts';
import { parseStatus } from './session-utils.ts';

export interface AuditOutcomeLabel {
  readonly text: string;
  /** The status whose mark stands for the outcome, where one does. */
  readonly iconStatus: SessionStatus | null;
}

const iconStatusByOutcome: Readonly<Record<string, SessionStatus>> = {
  active: 'active',
  in_progress: 'in_progress',
  completed: 'completed',
  completed_unfinished: 'completed_unfinished',
  failed: 'failed',
  cancelled: 'cancelled',
  expired: 'expired',
  unknown: 'unknown',
  refused: 'failed',
  not_sent: 'failed',
  unreachable: 'failed',
};

/** `cancelled 511, not_sent 3`, as the end of a batch is recorded; null where a detail is no such thing. */
function parseOutcomeCounts(detail: string): [outcome: ItemOutcome, sessions: number][] | null {
  const tallies = detail.split(', ').map((part): [ItemOutcome, number] | null => {
    const [, word, count] = /^(\w+) (\d+)$/.exec(part) ?? [];
    const outcome = itemOutcome.safeParse(word);
    return outcome.success ? [outcome.data, Number(count)] : null;
  });
  return tallies.some((tally) => tally === null) ? null : tallies.filter((tally) => tally !== null);
}

export function useAuditLabels() {
  const { t, te, locale } = useI18n();
  const formats = useFormats();

  const capitalised = (text: string): string => text.charAt(0).toLocaleUpperCase(locale.value) + text.slice(1);

  function outcomeLabel(outcome: string): string {
    for (const group of ['audit.outcome', 'batch.action'])
      if (te(`${group}.${outcome}`)) return t(`${group}.${outcome}`);
    return outcome;
  }

  return {
    actionLabel: (record: AuditRecord): string => t(`audit.action.${record.action}`),
    /** A word the console knows is said in its own words; any other as it was recorded. */
    outcome({ outcome, detail }: AuditRecord): AuditOutcomeLabel | null {
      if (outcome === null) return null;
      const found = outcome === 'already_final' ? parseStatus(detail) : null;
      if (found) return { text: t('audit.alreadyFinal', { status: t(`status.${found}`) }), iconStatus: found };
      return { text: outcomeLabel(outcome), iconStatus: iconStatusByOutcome[outcome] ?? null };
    },
    outcomeLabel,
    detailLabel({ action, detail }: AuditRecord): string | null {
      if (detail === null) return null;
      const tallies = parseOutcomeCounts(detail);
      if (tallies)
        return tallies
          .map(([outcome, count]) =>
            t('audit.outcomeCount', { outcome: t(`batch.outcome.${outcome}`), count: formats.number(count) }),
          )
          .join(' · ');
      // The state in which it was interrupted.
      if (action === 'batch_interrupted' && te(`batch.state.${detail}`)) return t(`batch.state.${detail}`);
      if (te(`cause.${detail}`)) return capitalised(t(`cause.${detail}`, { provider: t('provider.any') }));
      for (const group of ['audit.confirmedBy', 'status', 'audit.secretLocation'])
        if (te(`${group}.${detail}`)) return t(`${group}.${detail}`);
      return detail;
    },
  };
}

export interface AuditFilterChip {
  readonly id: string;
  readonly text: string;
  /** What takes the chip away. */
  readonly queryChange: Partial<AuditQuery>;
}

/** What the log is narrowed to, in words. */
export function useAuditFilterLabels() {
  const { t } = useI18n();
  const formats = useFormats();
  const connections = useConnections();
  const batches = useBatches();
  const { outcomeLabel } = useAuditLabels();

  function formatValue(part: Exclude<keyof AuditFilter, 'from' | 'to'>, value: string | number): string {
    switch (part) {
      case 'operator':
        return String(value);
      case 'action':
        return t(`audit.action.${value}`);
      case 'outcome':
        return outcomeLabel(String(value));
      case 'connectionId':
        return connections.byId.get(String(value))?.name ?? t('filter.connectionRemoved');
      case 'sessionKey':
        return formats.number(Number(value));
      case 'sessionId':
        return maskId(String(value));
      case 'batchId': {
        const batch = batches.byId.get(String(value));
        return batch ? formats.number(batch.number) : maskId(String(value));
      }
      default:
        return assertNever(part);
    }
  }

  return {
    chips(query: AuditQuery): AuditFilterChip[] {
      const { from, to } = query;
      const days =
        from !== null && from === to
          ? t('audit.filter.chip.day', { day: formats.utcDay(from) })
          : from !== null && to !== null
            ? t('audit.filter.chip.between', { from: formats.utcDay(from), to: formats.utcDay(to) })
            : from !== null
              ? t('audit.filter.chip.from', { day: formats.utcDay(from) })
              : to !== null
                ? t('audit.filter.chip.to', { day: formats.utcDay(to) })
                : null;
      return [
        ...(days ? [{ id: 'days', text: days, queryChange: { from: null, to: null } }] : []),
        ...auditFilterFields.flatMap((part) => {
          const value = part === 'from' || part === 'to' ? null : query[part];
          if (part === 'from' || part === 'to' || value === null) return [];
          const text = t('audit.filter.chip.is', {
            part: t(`audit.filter.field.${part}`),
            value: formatValue(part, value),
          });
          return [{ id: part, text, queryChange: { [part]: null } }];
        }),
      ];
    },
  };
}
