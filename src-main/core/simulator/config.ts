/** Where the providers' pages disagree or leave a choice, the simulator does either; these say which. */

export interface FlinksSwitches {
  /** Whether one token serves many calls (providers.md 1.3: both are documented). */
  readonly tokens: 'reusable' | 'single_use';
  readonly tokenLifeSeconds: number;
  /** Off: authorize leaves `expires_in` out. */
  readonly tellsTokenLife: boolean;
  /** Where authorize takes the credentials. */
  readonly credentialsIn: 'either' | 'header' | 'form';
  /** What calls are authorised with. */
  readonly authMode: 'either' | 'oauth' | 'api_key';
  /** `prose` is `{error, error_description}`, `problem` is RFC 7807 (providers.md, contradiction 2). */
  readonly errors: 'prose' | 'problem' | 'empty' | 'html' | 'text';
  readonly spelling: 'Canceled' | 'Cancelled';
  /** Whether e-Transfer answers hold `statusDetails` (contradiction 6). */
  readonly eTransferDetails: boolean;
  /** Off: cancelling an e-Transfer session answers a bare 404 (contradiction 5). */
  readonly eTransferCancel: boolean;
  /** What status answers to a call without a token (contradiction 7). */
  readonly statusWithoutToken: 'answered' | 'unauthorized' | 'forbidden';
  /** What an id that is no UUID gets; not documented. */
  readonly malformedId: 'not_found' | 'bad_request';
}

export interface XenditSwitches {
  /** Contradiction 22. */
  readonly amountAs: 'number' | 'string';
  /** Requests a minute, per endpoint and account. */
  readonly limitPerMinute: number;
  /** `key_cannot_write`: reads pass and cancels get 403. `address`: everything gets 403. */
  readonly refuses: 'nothing' | 'key_cannot_write' | 'address';
}

export interface Switches {
  readonly flinks: FlinksSwitches;
  readonly xendit: XenditSwitches;
}

export const usualSwitches: Switches = {
  flinks: {
    tokens: 'reusable',
    tokenLifeSeconds: 299,
    tellsTokenLife: true,
    credentialsIn: 'either',
    authMode: 'either',
    errors: 'prose',
    spelling: 'Canceled',
    eTransferDetails: false,
    eTransferCancel: true,
    statusWithoutToken: 'answered',
    malformedId: 'not_found',
  },
  xendit: { amountAs: 'number', limitPerMinute: 600, refuses: 'nothing' },
};

export interface SwitchChanges {
  readonly flinks?: Partial<FlinksSwitches>;
  readonly xendit?: Partial<XenditSwitches>;
}

export function changedSwitches(current: Switches, changes: SwitchChanges): Switches {
  return { flinks: { ...current.flinks, ...changes.flinks }, xendit: { ...current.xendit, ...changes.xendit } };
}
