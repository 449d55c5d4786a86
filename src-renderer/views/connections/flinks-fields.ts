import type { FlinksOptions } from '../../contract.ts';

export type FlinksFields = Omit<FlinksOptions, 'provider'>;

/** The contract's own defaults: what most accounts need. */
export function newFlinksFields(): FlinksFields {
  return { authMode: 'oauth', clientId: '', sendClientId: false, credentialsIn: 'header', reuseToken: false, eTransferCancel: true };
}
