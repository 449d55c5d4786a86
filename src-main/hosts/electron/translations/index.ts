import type { Language } from '../../../contract/index.ts';
import { english } from './en.ts';
import { french } from './fr-ca.ts';
import { indonesian } from './id.ts';
import type { Words } from './messages.ts';

export type { Words } from './messages.ts';

export const wordsIn: Readonly<Record<Language, Words>> = { en: english, 'fr-CA': french, id: indonesian };
