/** Options for behaviour on which the providers' pages disagree or that they leave open. */

export interface FlinksConfig {
  /** Whether one token serves many calls (providers.md 1.3: both are documented). */
  readonly tokenUse: 'reusable' | 'single_use';
  readonly tokenLifetimeSeconds: number;
  /** If false, the response of authorize has no `expires_in`. */
  readonly includesExpiresIn: boolean;
  /** Where authorize accepts the credentials. */
  readonly credentialsLocation: 'either' | 'header' | 'form';
  /** Which credentials the calls accept. */
  readonly authMode: 'either' | 'oauth' | 'api_key';
  /** `oauth` is `{error, error_description}`, `problem_details` is RFC 7807 (providers.md, contradiction 2). */
  readonly errorFormat: 'oauth' | 'problem_details' | 'empty' | 'html' | 'text';
  readonly cancelledSpelling: 'Canceled' | 'Cancelled';
  /** Whether responses for e-Transfer sessions contain `statusDetails` (contradiction 6). */
  readonly includesETransferDetails: boolean;
  /** If false, the cancel call of an e-Transfer session responds with 404 and no body (contradiction 5). */
  readonly supportsETransferCancel: boolean;
  /** The response of the status call without a token (contradiction 7). */
  readonly statusWithoutToken: 'answered' | 'unauthorized' | 'forbidden';
  /** The response for an ID that is not a UUID; not documented. */
  readonly malformedIdResponse: 'not_found' | 'bad_request';
}

export interface XenditConfig {
  /** Contradiction 22. */
  readonly amountType: 'number' | 'string';
  /** Requests per minute, for each endpoint and account. */
  readonly maxRequestsPerMinute: number;
  /** `read_only_key`: reads succeed and cancel calls return 403. `ip_not_allowed`: all calls return 403. */
  readonly rejection: 'none' | 'read_only_key' | 'ip_not_allowed';
}

export interface SimulatorConfig {
  readonly flinks: FlinksConfig;
  readonly xendit: XenditConfig;
}

export const defaultConfig: SimulatorConfig = {
  flinks: {
    tokenUse: 'reusable',
    tokenLifetimeSeconds: 299,
    includesExpiresIn: true,
    credentialsLocation: 'either',
    authMode: 'either',
    errorFormat: 'oauth',
    cancelledSpelling: 'Canceled',
    includesETransferDetails: false,
    supportsETransferCancel: true,
    statusWithoutToken: 'answered',
    malformedIdResponse: 'not_found',
  },
  xendit: { amountType: 'number', maxRequestsPerMinute: 600, rejection: 'none' },
};

export interface SimulatorConfigPatch {
  readonly flinks?: Partial<FlinksConfig>;
  readonly xendit?: Partial<XenditConfig>;
}

export function mergeConfig(current: SimulatorConfig, changes: SimulatorConfigPatch): SimulatorConfig {
  return { flinks: { ...current.flinks, ...changes.flinks }, xendit: { ...current.xendit, ...changes.xendit } };
}
