/** What the secret of an account is called where it comes from, and where it is found. */
import { useI18n } from 'vue-i18n';
import type { Environment, FlinksOptions, ProviderName } from '../../contract.ts';

export interface SecretOf {
  readonly provider: ProviderName;
  readonly environment: Environment;
  /** Of Flinks alone. */
  readonly authMode: FlinksOptions['authMode'];
}

export function useSecretWords() {
  const { t } = useI18n();
  return {
    name: ({ provider, authMode }: SecretOf): string =>
      t(provider === 'xendit' ? 'secret.xendit' : `secret.flinks.${authMode}`),
    /** At Xendit the key tells the environment, at Flinks the host does. */
    where: ({ provider, environment, authMode }: SecretOf): string =>
      t(provider === 'xendit' ? `secret.where.xendit.${environment}` : `secret.where.flinks.${authMode}`),
  };
}
