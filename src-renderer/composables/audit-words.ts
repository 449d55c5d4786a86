/** The records of the audit log in words. */
import { useI18n } from 'vue-i18n';
import { parseStatus } from './sessions.ts';
import type { AuditRecord, SessionStatus } from '../contract.ts';

export interface AuditOutcome {
  readonly text: string;
  /** The status whose mark stands for the outcome, where one does. */
  readonly mark: SessionStatus | null;
}

const marks: Readonly<Record<string, SessionStatus>> = {
  active: 'active', in_progress: 'in_progress', completed: 'completed', completed_unfinished: 'completed_unfinished', failed: 'failed',
  cancelled: 'cancelled', expired: 'expired', unknown: 'unknown', refused: 'failed', not_sent: 'failed', unreachable: 'failed',
};

export function useAuditWords() {
  const { t, te, locale } = useI18n();

  const capitalised = (text: string): string => text.charAt(0).toLocaleUpperCase(locale.value) + text.slice(1);

  return {
    what: (record: AuditRecord): string => t(`audit.action.${record.action}`),
    /** A word the console knows is said in its own words; any other as it was recorded. */
    outcome({ outcome, detail }: AuditRecord): AuditOutcome | null {
      if (outcome === null) return null;
      const found = outcome === 'already_final' ? parseStatus(detail) : null;
      if (found) return { text: t('audit.alreadyFinal', { status: t(`status.${found}`) }), mark: found };
      return { text: te(`audit.outcome.${outcome}`) ? t(`audit.outcome.${outcome}`) : outcome, mark: marks[outcome] ?? null };
    },
    detail({ detail }: AuditRecord): string | null {
      if (detail === null) return null;
      if (te(`cause.${detail}`)) return capitalised(t(`cause.${detail}`, { provider: t('provider.any') }));
      for (const group of ['audit.confirmedBy', 'status', 'audit.secretPlace']) if (te(`${group}.${detail}`)) return t(`${group}.${detail}`);
      return detail;
    },
  };
}
