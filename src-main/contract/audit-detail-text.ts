import type { AuditDetail, ChangedValue } from './audit.ts';
import { assertNever } from './domain.ts';
import { createMessage, type Message } from './messages/index.ts';

/** The detail as a text. Codes of causes, states and outcomes stay codes, for which the renderer has labels. */
export function formatAuditDetail(detail: AuditDetail): Message {
  switch (detail.kind) {
    case 'text':
      return verbatim(detail.text);
    case 'workspace': {
      const { workspace, version } = detail;
      return createMessage(workspace === 'work' ? 'audit.workWorkspace' : 'audit.practiceWorkspace', { version });
    }
    case 'secret_location':
      return verbatim(detail.location);
    case 'secret_withheld': {
      const { feed, storedFor, destination } = detail;
      const withheld =
        storedFor === null
          ? createMessage('audit.secretWithheldUnknown', { destination })
          : createMessage('audit.secretWithheld', { storedFor, destination });
      return feed === null ? withheld : createMessage('audit.ofFeed', { feed, detail: withheld });
    }
    case 'changes':
      return joinMessages(
        detail.changes.map(({ field, from, to }) =>
          createMessage('audit.fieldChange', { field, from: formatValue(from), to: formatValue(to) }),
        ),
      );
    case 'setting':
      return createMessage('audit.valueChange', { from: formatValue(detail.from), to: formatValue(detail.to) });
    case 'rate_limit': {
      const { perSecond, maxInFlight } = detail;
      return createMessage('audit.rateLimit', { perSecond, maxInFlight });
    }
    case 'sessions':
      return createMessage('audit.sessions', { count: detail.sessions });
    case 'code':
      return verbatim(detail.code);
    case 'call':
      return createMessage('audit.call', { call: detail.call });
    case 'cancellation':
      // The outcome of the record states that the session is cancelled.
      return verbatim(
        detail.cause ?? (detail.foundStatus === 'cancelled' ? null : detail.foundStatus) ?? detail.confirmedBy ?? '',
      );
    case 'files':
      return joinMessages(detail.files.map(verbatim));
    case 'import': {
      const { file, lines, added, updated, refused } = detail;
      return createMessage('audit.import', { file, lines, added, updated, refused });
    }
    case 'feed':
      return createMessage(detail.source === 'url' ? 'audit.urlFeed' : 'audit.folderFeed', { feed: detail.feed });
    case 'feed_schedule': {
      const { feed, intervalMinutes: minutes } = detail;
      return minutes === null
        ? createMessage('audit.feedOff', { feed })
        : createMessage('audit.feedSchedule', { feed, minutes });
    }
    case 'feed_secret':
      return createMessage('audit.feedSecret', { feed: detail.feed });
    case 'feed_run': {
      const { feed, added, updated, refused } = detail;
      return createMessage('audit.feedRun', { feed, added, updated, refused });
    }
    case 'export': {
      const { sessions, format, unmaskedIds, filter } = detail;
      return joinMessages([
        createMessage('audit.sessions', { count: sessions }),
        verbatim(format),
        createMessage(unmaskedIds ? 'audit.unmaskedIds' : 'audit.maskedIds'),
        filter === null ? createMessage('audit.selection') : createMessage('audit.filter', { filter }),
      ]);
    }
    case 'export_end':
      return detail.sessions === null
        ? createMessage('audit.exportInterrupted')
        : createMessage('audit.sessions', { count: detail.sessions });
    case 'audit_export':
      return joinMessages([createMessage('audit.records', { count: detail.records }), verbatim(detail.format)]);
    case 'epoch':
      return createMessage('audit.epoch', { sequence: detail.lastOwnSequence });
    case 'damage': {
      const { sequence: first, headSequence: head, lastSequence: last, hasIncompleteWrite } = detail;
      return joinMessages([
        createMessage('audit.firstDamaged', { sequence: first }),
        head === null
          ? createMessage('audit.headMissing', { last })
          : createMessage('audit.headPosition', { head, last }),
        ...(hasIncompleteWrite ? [createMessage('audit.incompleteWrite')] : []),
      ]);
    }
    case 'verification': {
      const { checked, firstDamage } = detail;
      return joinMessages([
        createMessage('audit.checkedRecords', { checked }),
        ...(firstDamage ? [createMessage('audit.damageAt', firstDamage)] : []),
      ]);
    }
    case 'restore': {
      const { backupName, mergedRecords: count } = detail;
      return joinMessages([verbatim(backupName), createMessage('audit.mergedRecords', { count })]);
    }
    case 'restore_review':
      return createMessage('audit.recordNumber', { sequence: detail.restoredSequence });
    case 'removal':
      return createMessage('audit.removal', { count: detail.sessions, day: detail.before.slice(0, 10) });
    case 'removal_undo': {
      const { restored, merged, unrestorable, removedAt } = detail;
      return joinMessages([
        createMessage('audit.restoredSessions', { count: restored, day: removedAt.slice(0, 10) }),
        ...(merged > 0 ? [createMessage('audit.mergedSessions', { count: merged })] : []),
        ...(unrestorable > 0 ? [createMessage('audit.unrestorableSessions', { count: unrestorable })] : []),
      ]);
    }
    case 'plan': {
      const { sessions, eligible, digest, origin } = detail;
      return joinMessages([
        createMessage('audit.plan', { count: sessions, eligible, digest: digest ?? '–' }),
        ...(origin?.kind === 'filter' ? [createMessage('audit.filter', { filter: origin.filter })] : []),
        ...(origin?.kind === 'retry' ? [createMessage('audit.retry', { batch: origin.of })] : []),
      ]);
    }
    case 'batch_state':
      return verbatim(detail.state);
    case 'issue':
      return detail;
    case 'outcomes':
      return joinMessages(Object.entries(detail.counts).map(([outcome, items]) => verbatim(`${outcome} ${items}`)));
    default:
      return assertNever(detail);
  }
}

function verbatim(text: string): Message {
  return createMessage('app.verbatim', { text });
}

function joinMessages(messages: readonly Message[]): Message {
  return messages.length === 0
    ? verbatim('')
    : messages.reduceRight((rest, first) => createMessage('audit.list', { first, rest }));
}

function formatValue(value: ChangedValue): string | number | Message {
  if (value === null || value === '') return createMessage('audit.noValue');
  if (typeof value === 'boolean') return createMessage(value ? 'audit.on' : 'audit.off');
  return Array.isArray(value) ? value.join(', ') : value;
}
