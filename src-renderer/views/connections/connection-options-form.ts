/** The options of a connection as form values: the session window is text until it is parsed. */
import { flinksOptions } from '../../contract.ts';
import type { ConnectionOptions, FlinksOptions, ProviderName } from '../../contract.ts';

export interface FlinksOptionsForm extends Omit<FlinksOptions, 'provider' | 'windowMinutes'> {
  windowMinutesText: string;
}

export interface ConnectionOptionsForm {
  flinks: FlinksOptionsForm;
  subAccount: string;
}

/** The options of a connection, or the defaults of the contract, which fit most accounts. */
export function createConnectionOptionsForm(options?: ConnectionOptions): ConnectionOptionsForm {
  const initialFlinks =
    options?.provider === 'flinks'
      ? options
      : { ...flinksOptions.parse({ provider: 'flinks', clientId: '-' }), clientId: '' };
  const { provider: _provider, windowMinutes, ...flinks } = initialFlinks;
  return {
    flinks: { ...flinks, windowMinutesText: windowMinutes === null ? '' : String(windowMinutes) },
    subAccount: (options?.provider === 'xendit' ? options.forUserId : null) ?? '',
  };
}

/** Returns null if the session window is neither empty nor a number of minutes that the contract accepts. */
export function toConnectionOptions(
  provider: ProviderName,
  { flinks: { windowMinutesText, ...rest }, subAccount }: ConnectionOptionsForm,
): ConnectionOptions | null {
  if (provider === 'xendit') return { provider, forUserId: subAccount.trim() || null };
  const text = windowMinutesText.trim();
  const minutes = flinksOptions.shape.windowMinutes.safeParse(text === '' ? null : Number(text));
  return minutes.success ? { provider, ...rest, clientId: rest.clientId.trim(), windowMinutes: minutes.data } : null;
}
