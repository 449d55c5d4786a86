import { first } from './0001-first.ts';

/** In order; the file's `user_version` says how many it has had. A migration that has shipped never changes. */
export const migrations: readonly string[] = [first];
