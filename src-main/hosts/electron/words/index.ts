import type { Language } from '../../../contract/index.ts';
import { english } from './en.ts';
import { french } from './fr-ca.ts';
import { indonesian } from './id.ts';
import type { Words } from './words.ts';

export type { Words } from './words.ts';

export const wordsIn: Readonly<Record<Language, Words>> = { en: english, 'fr-CA': french, id: indonesian };
