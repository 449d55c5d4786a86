import type { Language } from '../../../contract/index.ts';
import { english } from './en.ts';
import { french } from './fr-ca.ts';
import { indonesian } from './id.ts';
import type { Messages } from './messages.ts';

export type { ConfirmationAction, Messages } from './messages.ts';

export const messagesByLanguage: Readonly<Record<Language, Messages>> = {
  en: english,
  'fr-CA': french,
  id: indonesian,
};
