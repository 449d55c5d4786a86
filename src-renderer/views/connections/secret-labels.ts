/** How each provider names the secret of an account, and where an operator finds it. */
import { useI18n } from 'vue-i18n';
import type { Environment, FlinksOptions, ProviderName } from '../../contract.ts';

export interface SecretContext {
  readonly provider: ProviderName;
  readonly environment: Environment;
  /** Flinks Pay only. */
  readonly authMode: FlinksOptions['authMode'];
}

export function useSecretLabels() {
  const { t } = useI18n();
  return {
    label: ({ provider, authMode }: SecretContext): string =>
      t(provider === 'xendit' ? 'secret.xendit' : `secret.flinks.${authMode}`),
    /** A Xendit key belongs to one environment; at Flinks Pay the host determines the environment. */
    hint: ({ provider, environment, authMode }: SecretContext): string =>
      t(provider === 'xendit' ? `secret.sourceHint.xendit.${environment}` : `secret.sourceHint.flinks.${authMode}`),
  };
}
