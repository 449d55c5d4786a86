/** What the palette does to the settings: what is one choice is made at once, everything else is led to. */
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { languageNames, languages } from '../i18n.ts';
import { offerActs } from '../stores/commands.ts';
import type { Offer } from '../stores/commands.ts';
import { languageChoices, usePreferences } from '../stores/preferences.ts';
import { useSettings } from '../stores/settings.ts';
import { useToasts } from '../stores/toasts.ts';
import { useRemovals } from './removals.ts';

/** The parts of the settings that the address can name. */
export type SettingsPartName =
  'operator' | 'reasons' | 'care' | 'backups' | 'retention' | 'diagnostics' | 'keys' | 'about';

export function offerSettingsActs(): void {
  const { t } = useI18n();
  const router = useRouter();
  const preferences = usePreferences();
  const settings = useSettings();
  const toasts = useToasts();
  const removals = useRemovals();
  const names = new Map<string, string>(languages.map((language) => [language, languageNames[language]]));

  const part = (name: SettingsPartName) => (): Offer => ({
    run: () => void router.push({ name: 'settings', query: { part: name } }),
  });

  async function backUp(): Promise<void> {
    const answer = await settings.backUp();
    if (answer.ok) toasts.say(t('settings.backupMade', { name: answer.value.name }));
    else toasts.say(answer.error.message, 'problem');
  }

  async function setSingleKeys(singleKeys: boolean): Promise<void> {
    const problem = await settings.change({ singleKeys });
    if (problem) toasts.say(problem.message, 'problem');
    else toasts.say(t(singleKeys ? 'settings.singleKeysOn' : 'settings.singleKeysOff'));
  }

  offerActs({
    setLanguage: () =>
      languageChoices.map((choice) => ({
        about: names.get(choice) ?? t('language.system'),
        run: () => {
          preferences.language = choice;
        },
      })),
    changeName: part('operator'),
    changeReasons: part('reasons'),
    changeCare: part('care'),
    setSingleKeys: () =>
      settings.current && {
        about: t(settings.current.singleKeys ? 'settings.turnOff' : 'settings.turnOn'),
        run: () => void setSingleKeys(!settings.current?.singleKeys),
      },
    backUp: () => ({ run: () => void backUp() }),
    restoreBackup: part('backups'),
    removeOld: part('retention'),
    undoRemoval: () =>
      removals
        .kept(Date.now())
        .filter(({ work }) => work === null)
        .map((removal) => ({
          about: removals.short(removal),
          run: () => void removals.undo(removal.removalId),
        })),
    gatherDiagnostics: part('diagnostics'),
    showAbout: part('about'),
  });
}
