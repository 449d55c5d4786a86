/** The options of an account as they are typed: the session window is text until it is read. */
import { flinksOptions } from '../../contract.ts';
import type { ConnectionOptions, FlinksOptions, ProviderName } from '../../contract.ts';

export interface FlinksOptionsForm extends Omit<FlinksOptions, 'provider' | 'windowMinutes'> {
  windowMinutesText: string;
}

export interface ConnectionOptionsForm {
  flinks: FlinksOptionsForm;
  subAccount: string;
}

/** What a connection has, or the contract's own defaults, which is what most accounts need. */
export function createConnectionOptionsForm(options?: ConnectionOptions): ConnectionOptionsForm {
  const known =
    options?.provider === 'flinks'
      ? options
      : { ...flinksOptions.parse({ provider: 'flinks', clientId: '-' }), clientId: '' };
  const { provider: _provider, windowMinutes, ...flinks } = known;
  return {
    flinks: { ...flinks, windowMinutesText: windowMinutes === null ? '' : String(windowMinutes) },
    subAccount: (options?.provider === 'xendit' ? options.forUserId : null) ?? '',
  };
}

/** null where the session window is neither empty nor whole minutes that the contract takes. */
export function toConnectionOptions(
  provider: ProviderName,
  { flinks: { windowMinutesText, ...rest }, subAccount }: ConnectionOptionsForm,
): ConnectionOptions | null {
  if (provider === 'xendit') return { provider, forUserId: subAccount.trim() || null };
  const text = windowMinutesText.trim();
  const minutes = flinksOptions.shape.windowMinutes.safeParse(text === '' ? null : Number(text));
  return minutes.success ? { provider, ...rest, clientId: rest.clientId.trim(), windowMinutes: minutes.data } : null;
}
