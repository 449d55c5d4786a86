/** Maps a cancellation between its database row, its view for the screen and its audit record. */
import type { AuditAction, AuditDetailOf, Cancellation, Connection, Reason, Session } from '../../contract/index.ts';
import { auditFields } from '../connections/index.ts';
import type { Evidence, ProviderSession } from '../providers/index.ts';
import type { AuditEntryOf, AuditFields, CancellationRow, SessionReading } from '../store/index.ts';

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

export function createAuditEntry<Action extends AuditAction>(
  action: Action,
  session: Pick<Session, 'key' | 'id'>,
  connection: Connection,
  fields: AuditFields & { reason?: Reason; detail?: AuditDetailOf<Action> | null },
): AuditEntryOf<Action> {
  const { reason, ...rest } = fields;
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

/** The fields of the provider's session that the store holds. */
export function toSessionReading({
  isFinal: _isFinal,
  paymentInFlight: _paymentInFlight,
  ...reading
}: ProviderSession): SessionReading {
  return reading;
}

/** The reading for a session whose status is not known. */
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
