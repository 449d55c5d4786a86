/** The options of a connection as form values, and texts about its account. */
import { useI18n } from 'vue-i18n';
import { flinksOptions } from '../../contract.ts';
import type { ConnectionOptions, Environment, FlinksOptions, ProviderName } from '../../contract.ts';

/** The session window is text until it is parsed. */
interface FlinksOptionsForm extends Omit<FlinksOptions, 'provider' | 'windowMinutes'> {
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

/** How the provider names the secret of an account, and where an operator finds it. */
export function useSecretLabels() {
  const { t } = useI18n();
  return (
    provider: ProviderName,
    environment: Environment,
    /** Flinks Pay only. */
    authMode: FlinksOptions['authMode'],
  ): { label: string; hint: string } =>
    // A Xendit key belongs to one environment; at Flinks Pay the host determines the environment.
    provider === 'xendit'
      ? { label: t('secret.xendit'), hint: t(`secret.sourceHint.xendit.${environment}`) }
      : { label: t(`secret.flinks.${authMode}`), hint: t(`secret.sourceHint.flinks.${authMode}`) };
}

/** The host of a connection's base URL, or the URL itself if it cannot be parsed. */
export function getBaseUrlHost(baseUrl: string): string {
  return URL.parse(baseUrl)?.host ?? baseUrl;
}
