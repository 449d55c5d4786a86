/** Where the providers' pages disagree or leave a choice, the simulator does either; these say which. */

export interface FlinksConfig {
  /** Whether one token serves many calls (providers.md 1.3: both are documented). */
  readonly tokenUse: 'reusable' | 'single_use';
  readonly tokenLifetimeSeconds: number;
  /** Off: authorize leaves `expires_in` out. */
  readonly includesExpiresIn: boolean;
  /** Where authorize takes the credentials. */
  readonly credentialsLocation: 'either' | 'header' | 'form';
  /** What calls are authorised with. */
  readonly authMode: 'either' | 'oauth' | 'api_key';
  /** `oauth` is `{error, error_description}`, `problem_details` is RFC 7807 (providers.md, contradiction 2). */
  readonly errorFormat: 'oauth' | 'problem_details' | 'empty' | 'html' | 'text';
  readonly cancelledSpelling: 'Canceled' | 'Cancelled';
  /** Whether e-Transfer answers hold `statusDetails` (contradiction 6). */
  readonly includesETransferDetails: boolean;
  /** Off: cancelling an e-Transfer session answers a bare 404 (contradiction 5). */
  readonly supportsETransferCancel: boolean;
  /** What status answers to a call without a token (contradiction 7). */
  readonly statusWithoutToken: 'answered' | 'unauthorized' | 'forbidden';
  /** What an id that is no UUID gets; not documented. */
  readonly malformedIdResponse: 'not_found' | 'bad_request';
}

export interface XenditConfig {
  /** Contradiction 22. */
  readonly amountType: 'number' | 'string';
  /** Requests a minute, per endpoint and account. */
  readonly maxRequestsPerMinute: number;
  /** `read_only_key`: reads pass and cancels get 403. `ip_not_allowed`: everything gets 403. */
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
