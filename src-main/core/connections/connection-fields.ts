/** Checks, compares and names the fields of a connection, and converts the result of its test. */
import {
  AppError,
  createMessage,
  type Connection,
  type ConnectionOptions,
  type ConnectionTestResult,
  baseUrlPresets,
  productsByProvider,
  type Product,
  type Environment,
  type Message,
  type ProviderName,
} from '../../contract/index.ts';
import { extractIpAddress, formatProviderError, isLoopback, type CredentialTestResult } from '../providers/index.ts';
import type { AuditFields } from '../store/index.ts';
import type { ConnectionDestination, SecretLocation } from './secret-store.ts';

/**
 * Returns the base URL as an origin (providers.md 1.2). Throws base_url_refused if the URL is not https (http is
 * allowed on loopback), has anything except scheme, host and port, or is the provider's host of the other environment.
 */
export function parseBaseUrl(text: string, provider: ProviderName, environment: Environment): string {
  const url = URL.parse(text.trim());
  if (!url || !url.hostname) {
    const example = baseUrlPresets[provider][environment];
    throw invalidBaseUrlError(createMessage('connection.baseUrlInvalid', { text, example }));
  }
  if (url.username || url.password) throw invalidBaseUrlError(createMessage('connection.baseUrlHasCredentials'));
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw invalidBaseUrlError(createMessage('connection.baseUrlNotHttps', { scheme: url.protocol }));
  }
  if (url.pathname !== '/' || url.search || url.hash)
    throw invalidBaseUrlError(createMessage('connection.baseUrlHasPath'));

  const otherEnvironment = environment === 'production' ? 'sandbox' : 'production';
  const { origin, hostname: host } = url;
  if (origin === baseUrlPresets[provider][otherEnvironment] && origin !== baseUrlPresets[provider][environment]) {
    throw invalidBaseUrlError(
      otherEnvironment === 'production'
        ? createMessage('connection.baseUrlIsProduction', { host })
        : createMessage('connection.baseUrlIsSandbox', { host }),
    );
  }
  return origin;
}

function invalidBaseUrlError(message: Message): AppError {
  return new AppError('base_url_refused', message, { details: { field: 'baseUrl' } });
}

type FieldValue = string | number | boolean | null;
type EditableConnection = Pick<Connection, 'name' | 'options'>;

/** The fields that differ. */
export function listChanges(before: EditableConnection, after: EditableConnection) {
  const fieldsOf = ({ name, options }: EditableConnection): Record<string, FieldValue | undefined> => ({
    name,
    ...options,
  });
  const [oldFields, newFields] = [fieldsOf(before), fieldsOf(after)];
  return Object.keys(newFields)
    .filter((key) => oldFields[key] !== newFields[key])
    .map((field) => ({ field, from: oldFields[field] ?? null, to: newFields[field] ?? null }));
}

/**
 * The changed option that identifies the account, or null. Tracked sessions belong to the account of their connection.
 * At another account, the provider would not find them. Throws connection_immutable if the provider differs.
 */
export function changedAccountField(
  before: ConnectionOptions,
  after: ConnectionOptions,
): 'clientId' | 'forUserId' | null {
  if (before.provider === 'flinks' && after.provider === 'flinks')
    return before.clientId === after.clientId ? null : 'clientId';
  if (before.provider === 'xendit' && after.provider === 'xendit')
    return before.forUserId === after.forUserId ? null : 'forUserId';
  throw new AppError('connection_immutable', createMessage('connection.providerImmutable'), {
    details: { field: 'provider' },
  });
}

/** Throws product_mismatch if the provider of the connection does not have the product. */
export function assertProduct({ name, options }: Connection, product: Product): void {
  if (productsByProvider[options.provider].includes(product)) return;
  throw new AppError('product_mismatch', createMessage('session.productMismatch', { connection: name }), {
    details: { field: 'product' },
  });
}

/** Whether the base URL is the provider's own for this environment. */
export function isPreset({ baseUrl, provider, environment }: ConnectionDestination): boolean {
  return baseUrl === baseUrlPresets[provider][environment];
}

/** The fields of an audit record that identify a connection. */
export function auditFields({ id, name, environment }: Pick<Connection, 'id' | 'name' | 'environment'>) {
  return { connectionId: id, connectionName: name, environment } satisfies AuditFields;
}

export function locationDetail(location: SecretLocation) {
  return { kind: 'secret_location' as const, location };
}

export function practiceConnectionError(): AppError {
  return new AppError('base_url_refused', createMessage('connection.practiceOnly'));
}

const resultByKind = {
  accepted: 'accepted',
  refused: 'refused',
  throttled: 'throttled',
  not_sent: 'unreachable',
  unreadable: 'unreadable',
} as const satisfies Record<CredentialTestResult['kind'], ConnectionTestResult['result']>;

/** Converts the result of a connection test. The renderer formats the texts. */
export function toTestResult(credentialResult: CredentialTestResult): ConnectionTestResult {
  const { evidence } = credentialResult;
  const isAccepted = credentialResult.kind === 'accepted';
  const httpCode = evidence.httpStatus === null ? null : `HTTP ${evidence.httpStatus}`;
  const cause = isAccepted ? null : credentialResult.cause;
  return {
    result: resultByKind[credentialResult.kind],
    cause,
    durationMs: evidence.durationMs,
    // The default wait is not reported, because the provider did not request it.
    retryAfterMs:
      credentialResult.kind === 'throttled' && credentialResult.retryAfterProvided !== false
        ? credentialResult.retryAfterMs
        : null,
    code: isAccepted ? null : (evidence.networkCode ?? httpCode),
    rejectedIpAddress: cause === 'address_not_allowed' ? extractIpAddress(evidence) : null,
    providerMessage: isAccepted ? null : formatProviderError(evidence) || null,
  };
}
