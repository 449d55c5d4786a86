/** Texts for the records of the audit log. */
import { useI18n } from 'vue-i18n';
import type { AuditFilter, AuditRecord, SessionStatus } from '../contract.ts';
import { assertNever, formatAuditDetail, maskId } from '../contract.ts';
import { useBatches } from '../stores/batches.ts';
import { useConnections } from '../stores/connections.ts';
import { auditFilterFields } from '../audit-query.ts';
import type { AuditQuery } from '../audit-query.ts';
import { localizeMessage } from '../i18n.ts';
import type { FilterChip } from './filter-labels.ts';
import { useFormats } from './formats.ts';

export interface AuditOutcomeLabel {
  readonly text: string;
  /** The status whose icon represents the outcome; null if none does. */
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

export function useAuditLabels() {
  const { t, te, locale } = useI18n();
  const formats = useFormats();

  const capitalize = (text: string): string => text.charAt(0).toLocaleUpperCase(locale.value) + text.slice(1);

  function outcomeLabel(outcome: string): string {
    for (const group of ['audit.outcome', 'batch.action'])
      if (te(`${group}.${outcome}`)) return t(`${group}.${outcome}`);
    return outcome;
  }

  return {
    actionLabel: (record: AuditRecord): string => t(`audit.action.${record.action}`),
    /** The outcome's text; an unknown outcome is shown as it was recorded. */
    outcome({ outcome, detail }: AuditRecord): AuditOutcomeLabel | null {
      if (outcome === null) return null;
      const foundStatus = outcome === 'already_final' && detail?.kind === 'cancellation' ? detail.foundStatus : null;
      if (foundStatus)
        return { text: t('audit.alreadyFinal', { status: t(`status.${foundStatus}`) }), iconStatus: foundStatus };
      return { text: outcomeLabel(outcome), iconStatus: iconStatusByOutcome[outcome] ?? null };
    },
    outcomeLabel,
    detailLabel({ detail }: AuditRecord): string | null {
      if (detail === null) return null;
      switch (detail.kind) {
        case 'outcomes':
          return Object.entries(detail.counts)
            .map(([outcome, count]) =>
              t('audit.outcomeCount', { outcome: t(`batch.outcome.${outcome}`), count: formats.number(count) }),
            )
            .join(' · ');
        case 'batch_state':
          return t(`batch.state.${detail.state}`);
        case 'secret_location':
          return t(`audit.secretLocation.${detail.location}`);
        case 'cancellation': {
          const code = formatAuditDetail(detail).message;
          if (te(`cause.${code}`)) return capitalize(t(`cause.${code}`, { provider: t('provider.any') }));
          const group = ['audit.confirmedBy', 'status'].find((name) => te(`${name}.${code}`));
          return group === undefined ? code : t(`${group}.${code}`);
        }
        default:
          return localizeMessage(formatAuditDetail(detail));
      }
    },
  };
}

/** Texts for the filter of the audit log. */
export function useAuditFilterLabels() {
  const { t } = useI18n();
  const formats = useFormats();
  const connections = useConnections();
  const batches = useBatches();
  const { outcomeLabel } = useAuditLabels();

  function formatValue(field: Exclude<keyof AuditFilter, 'from' | 'to'>, value: string | number): string {
    switch (field) {
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
        return assertNever(field);
    }
  }

  return {
    chips(query: AuditQuery): FilterChip<AuditQuery>[] {
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
        ...auditFilterFields.flatMap((field) => {
          const value = field === 'from' || field === 'to' ? null : query[field];
          if (field === 'from' || field === 'to' || value === null) return [];
          const text = t('audit.filter.chip.is', {
            part: t(`audit.filter.field.${field}`),
            value: formatValue(field, value),
          });
          return [{ id: field, text, queryChange: { [field]: null } }];
        }),
      ];
    },
  };
}
