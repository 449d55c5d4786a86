/** Between what the store keeps, what the screen sees and what the audit log says of a cancellation. */
import type { Cancellation, Connection, Reason, Session } from '../../contract/index.ts';
import { auditFields } from '../connections/index.ts';
import type { Evidence, ProviderSession } from '../providers/index.ts';
import type { AuditEntry, CancellationRow, SessionReading } from '../store/index.ts';

export function createIntent(session: Pick<Session, 'key'>, reason: Reason, operator: string): CancellationRow {
  return {
    id: crypto.randomUUID(),
    sessionKey: session.key,
    state: 'intended',
    cause: null,
    foundStatus: null,
    confirmedBy: null,
    paymentInFlight: 0,
    operator,
    reasonCategory: reason.category,
    reasonNote: reason.note,
    calls: 0,
    unclearCalls: 0,
    httpStatus: null,
    providerCode: null,
    providerMessage: null,
    requestId: null,
    requestedAt: new Date().toISOString(),
    settledAt: null,
  };
}

export function toCancellation(row: CancellationRow): Cancellation {
  const { reasonCategory, reasonNote, paymentInFlight, unclearCalls: _unclearCalls, ...rest } = row;
  return { ...rest, paymentInFlight: paymentInFlight === 1, reason: { category: reasonCategory, note: reasonNote } };
}

export function createAuditEntry(
  action: AuditEntry['action'],
  session: Pick<Session, 'key' | 'id'>,
  connection: Connection,
  facts: Partial<AuditEntry> & { reason?: Reason },
): AuditEntry {
  const { reason, ...rest } = facts;
  return {
    action,
    ...auditFields(connection),
    sessionKey: session.key,
    sessionId: session.id,
    ...(reason ? { reasonCategory: reason.category, reasonNote: reason.note } : {}),
    ...rest,
  };
}

export function toEvidenceColumns(evidence: Evidence | null) {
  return evidence
    ? {
        httpStatus: evidence.httpStatus,
        providerCode: evidence.providerCode,
        providerMessage: evidence.providerMessage,
        requestId: evidence.requestId,
      }
    : {};
}

/** The facts of a found session, without what the registry does not keep. */
export function toSessionReading({
  isFinal: _isFinal,
  paymentInFlight: _paymentInFlight,
  ...reading
}: ProviderSession): SessionReading {
  return reading;
}

/** Nobody can say now how the session stands. */
export const unknownSessionReading: SessionReading = {
  status: 'unknown',
  rawStatus: null,
  rawDetail: null,
  reference: null,
  amount: null,
  currency: null,
  createdAt: null,
  expiresAt: null,
};
