/** Flinks Pay's own words as data (providers.md 1.6, 1.7). */
import { flinksCode } from '../../../contract/index.ts';
import type { Capabilities, ErrorRow, StateRow } from '../provider.ts';

export const capabilities: Capabilities = {
  canCancel: true,
  canList: false,
  statusNeedsAuthorization: 'sometimes',
  hasExpiry: false,
  cancelEchoesSession: true,
  cancelIsAsynchronous: false,
  cancelEndsAs: 'cancelled',
  idempotencyHeader: null,
  subAccountHeader: null,
  environmentInSecret: false,
};

const known = flinksCode.options;

const failures = ['EFT0401', 'EFT0402', 'EFT0403', 'EFT0404'];

export const states: readonly StateRow[] = [
  // The one code that counts alone.
  { word: null, codes: ['EFT0501'], status: 'cancelled', final: true },
  { word: 'completed', codes: ['EFT0302'], status: 'completed_unfinished', final: false },
  { word: 'completed', codes: [null, 'EFT0301'], status: 'completed', final: true },
  { word: 'failed', codes: [null, ...failures], status: 'failed', final: true },
  { word: 'canceled', codes: [null, 'EFT0501'], status: 'cancelled', final: true },
  { word: 'expired', codes: [null, 'EFT0601'], status: 'expired', final: true },
  { word: 'initiated', codes: [null, 'EFT0101'], status: 'active', final: false },
  // Said in prose alone: no enum has it and no code goes with it.
  { word: 'inprogress', codes: [null, 'EFT0101'], status: 'in_progress', final: false },
  // A documented code beside a status it does not belong to: a contradiction, so nothing is claimed.
  ...['completed', 'failed', 'canceled', 'expired', 'initiated', 'inprogress'].map(
    (word) => ({ word, codes: known, status: 'unknown', final: false }) as const,
  ),
  // Codes of e-Transfer are not documented (contradiction 20): the status decides.
  { word: 'completed', codes: 'any', status: 'completed', final: true },
  { word: 'failed', codes: 'any', status: 'failed', final: true },
  { word: 'canceled', codes: 'any', status: 'cancelled', final: true },
  { word: 'expired', codes: 'any', status: 'expired', final: true },
  { word: 'initiated', codes: 'any', status: 'active', final: false },
  { word: 'inprogress', codes: 'any', status: 'in_progress', final: false },
];

export const errors: readonly ErrorRow[] = [
  // Already terminal, says the spec; anything else that is wrong with a request shows when the session is read.
  { http: 400, verdict: { kind: 'final' } },
];
