/** Response bodies of the simulated Flinks Pay (providers.md 1.5-1.7, contradictions 1, 2, 6, 16). */
import { assertNever } from '../../contract/index.ts';
import type { SessionStatus } from '../../contract/index.ts';
import { practiceAccounts } from './accounts.ts';
import type { SimulatedResponse } from './handle-request.ts';
import type { SimulatedSession } from './simulated-session.ts';
import type { FlinksConfig } from './config.ts';

const wireStatuses: Record<Exclude<SessionStatus, 'cancelled'>, readonly [string, string | null]> = {
  active: ['Initiated', 'EFT0101'],
  in_progress: ['InProgress', null],
  completed: ['Completed', 'EFT0301'],
  completed_unfinished: ['Completed', 'EFT0302'],
  failed: ['Failed', 'EFT0401'],
  expired: ['Expired', 'EFT0601'],
  // Not documented: a client must not treat it as a final status.
  unknown: ['UnderReview', 'EFT0999'],
};
const { clientId } = practiceAccounts.flinks;
const failureCodes = ['EFT0401', 'EFT0402', 'EFT0403', 'EFT0404'];

function statusFields(
  session: SimulatedSession,
  config: FlinksConfig,
): { status: string; statusDetails?: string | null } {
  const [status, defaultCode] =
    session.state === 'cancelled' ? [config.cancelledSpelling, 'EFT0501'] : wireStatuses[session.state];
  if (session.product === 'e_transfer')
    return config.includesETransferDetails ? { status, statusDetails: null } : { status };
  // The failure code depends only on the session ID.
  const statusDetails =
    session.state === 'failed'
      ? (failureCodes[Number.parseInt(session.id.slice(0, 1), 16) % 4] ?? defaultCode)
      : defaultCode;
  return { status, statusDetails };
}

type BodyBuilder = (session: SimulatedSession, config: FlinksConfig) => Record<string, unknown>;

export const buildCancelBody: BodyBuilder = (session, config) => ({
  sessionId: session.id,
  referenceId: session.reference,
  ...statusFields(session, config),
});

export const buildStatusBody: BodyBuilder = (session, config) => ({
  sessionId: session.id,
  referenceId: session.reference,
  amount: Number(session.amount),
  ...statusFields(session, config),
});

/** With payor data, as in the real response, so that tests can prove that none of it is stored. */
export const buildDetailsBody: BodyBuilder = (session, config) => {
  const isETransfer = session.product === 'e_transfer';
  const current = session.state === 'active' ? 'BankSelection' : 'Complete';
  return {
    ...buildStatusBody(session, config),
    step: { current, aggregationRequestId: null, padId: null },
    type: isETransfer ? 'e-Transfer' : 'EFT',
    direction: 'DEBIT',
    currency: session.currency,
    options: {
      guarantee: { enable: session.product === 'geft' },
      notificationPreferences: { language: 'en', sendInteracLink: isETransfer },
    },
    payor: {
      firstName: 'Payor-First',
      lastName: 'Payor-Last',
      email: 'payor@example.com',
      address: { line1: '1 Payor Street', city: 'Montréal', province: 'QC', postalCode: 'H2X 1Y4', country: 'CA' },
      account: { institution: '999', transit: '00099', number: '0000999' },
    },
    payee: null,
    guaranteeDetails: null,
    userDetails: null,
    schedule: isETransfer ? { transactions: [{ status: 'Processed', amount: Number(session.amount) }] } : null,
    // Seven fractional digits, as in the reference sample.
    createdAt: session.createdAt.replace('Z', '1783Z'),
  };
};

/** HTTP status and texts of both error formats. The first three are documented, the others are assumed. */
const errorResponses = {
  final: [400, 'Bad Request', 'invalid_request', (id: string) => `Session ${id} cannot be Cancelled`],
  unauthorized: [401, 'Unauthorized', 'unauthorized', () => 'Valid access token required'],
  not_found: [404, 'Not Found', 'not_found', () => `Session not found for client ${clientId}`],
  bad_id: [400, 'One or more validation errors occurred.', 'invalid_request', (id: string) => `'${id}' is not valid.`],
  forbidden: [403, 'Forbidden', 'forbidden', () => 'Access denied'],
  bad_grant: [400, 'Bad Request', 'unsupported_grant_type', () => 'grant_type must be client_credentials'],
  bad_client: [401, 'Unauthorized', 'invalid_client', () => 'Client authentication failed'],
  throttled: [429, 'Too Many Requests', 'too_many_requests', () => 'Too many requests'],
  server_error: [500, 'Internal Server Error', 'server_error', () => 'An unexpected failure occurred'],
} as const satisfies Record<string, readonly [number, string, string, (id: string) => string]>;
export type ErrorKind = keyof typeof errorResponses;

/** An error response in the configured format. */
export function buildError(
  kind: ErrorKind,
  id: string | null,
  errorFormat: FlinksConfig['errorFormat'],
): SimulatedResponse {
  const [status, title, error, describe] = errorResponses[kind];
  const description = describe(id ?? '');
  switch (errorFormat) {
    case 'empty':
      return { status };
    case 'html':
      return { status, headers: { 'content-type': 'text/html' }, body: `<html><body>${status} ${title}</body></html>` };
    case 'text':
      return { status, headers: { 'content-type': 'text/plain' }, body: description };
    case 'problem_details': {
      const type = 'https://tools.ietf.org/html/rfc7231#section-6.5.1';
      return { status, body: { type, title, status, detail: description, instance: null } };
    }
    case 'oauth':
      return { status, body: { error, error_description: description } };
    default:
      return assertNever(errorFormat);
  }
}
