import { describe, expect, it } from 'vitest';
import { matchLanguage } from '../../../../src-main/contract/index.ts';
import { Locale } from '../../../../src-main/hosts/electron/locale.ts';

describe('Locale.format', () => {
  it.each([
    ['en', '1,204 of 5,000 sessions cancelled.', 'Batches 1,204 and 1,205 are running. Quit anyway?'],
    [
      'fr-CA',
      '1\u00a0204 annulées sur 5\u00a0000 séances.',
      'Les lots 1\u00a0204 et 1\u00a0205 sont en cours. Quitter quand même\u202f?',
    ],
    ['id', '1.204 dari 5.000 sesi dibatalkan.', 'Batch 1.204 dan 1.205 sedang berjalan. Tetap keluar?'],
  ] as const)('formats numbers, lists and plural forms for the language %s', (language, cancelled, running) => {
    const locale = new Locale(() => [language]);
    const { batch, native } = locale.texts;
    const eligible = locale.format(batch.sessions, { count: 5_000 });
    expect(locale.format(native.notification.cancelled, { count: 1_204, eligible })).toBe(cancelled);
    expect(locale.format(native.quit.message, { count: 2, batches: [1_204, 1_205] })).toBe(running);
  });

  it('inserts a value as it is, even if it contains the name of a parameter', () => {
    const locale = new Locale(() => []);
    expect(locale.format('{label}: {value}', { label: '{value}', value: '$& | {label}' })).toBe(
      '{value}: $& | {label}',
    );
  });
});

describe('language selection', () => {
  it('matchLanguage: returns the first supported language, or English', () => {
    expect(
      [['fr-FR'], ['de', 'id-ID', 'en'], ['en-GB', 'fr'], ['pt-BR', 'ja'], [], ['fr_CA.UTF-8'], ['idu', 'fr']].map(
        matchLanguage,
      ),
    ).toEqual(['fr-CA', 'id', 'en', 'en', 'en', 'fr-CA', 'fr-CA']);
  });

  it('Locale: uses the system language until the renderer reports its language, and notifies once per change', () => {
    const locale = new Locale(() => ['fr']);
    const fileLabels: string[] = [];
    locale.onChange(() => fileLabels.push(locale.texts.native.menu.file));
    expect(locale.texts.native.menu.file).toBe('Fichier');
    for (const language of ['en', 'en', 'id'] as const) locale.setLanguage(language);
    expect(fileLabels).toEqual(['File', 'Berkas']);
  });
});
