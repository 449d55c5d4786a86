/** What the secret of an account is called where it comes from, and where it is found. */
import { useI18n } from 'vue-i18n';
import type { Environment, FlinksOptions, ProviderName } from '../../contract.ts';

export interface SecretContext {
  readonly provider: ProviderName;
  readonly environment: Environment;
  /** Of Flinks alone. */
  readonly authMode: FlinksOptions['authMode'];
}

export function useSecretLabels() {
  const { t } = useI18n();
  return {
    label: ({ provider, authMode }: SecretContext): string =>
      t(provider === 'xendit' ? 'secret.xendit' : `secret.flinks.${authMode}`),
    /** At Xendit the key tells the environment, at Flinks the host does. */
    hint: ({ provider, environment, authMode }: SecretContext): string =>
      t(provider === 'xendit' ? `secret.sourceHint.xendit.${environment}` : `secret.sourceHint.flinks.${authMode}`),
  };
}
