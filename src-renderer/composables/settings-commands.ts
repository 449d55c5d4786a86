/** Palette commands for the settings. A simple choice takes effect at once; other commands open their section. */
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { languageNames, languages } from '../i18n.ts';
import { registerCommands } from '../stores/commands.ts';
import type { CommandHandler } from '../stores/commands.ts';
import { useHost } from '../stores/host.ts';
import { languageChoices, usePreferences } from '../stores/preferences.ts';
import { useSettings } from '../stores/settings.ts';
import { useToasts } from '../stores/toasts.ts';
import { useRemovals } from './removals.ts';

/** The sections of the settings that the URL can open. */
export type SettingsSectionName =
  'operator' | 'reasons' | 'confirmation' | 'privacy' | 'backups' | 'retention' | 'diagnostics' | 'shortcuts' | 'about';

export function registerSettingsCommands(): void {
  const { t } = useI18n();
  const router = useRouter();
  const host = useHost();
  const preferences = usePreferences();
  const settings = useSettings();
  const toasts = useToasts();
  const removals = useRemovals();
  const languageLabels = new Map<string, string>(languages.map((language) => [language, languageNames[language]]));

  const openSection = (name: SettingsSectionName) => (): CommandHandler => ({
    run: () => void router.push({ name: 'settings', query: { section: name } }),
  });

  async function createBackup(): Promise<void> {
    const result = await settings.createBackup();
    if (result.ok) toasts.show(t('settings.backupMade', { name: result.value.name }));
    else toasts.show(result.error.message, 'error');
  }

  async function toggleSingleKeyShortcuts(singleKeyShortcutsEnabled: boolean): Promise<void> {
    const problem = await settings.change({ singleKeyShortcutsEnabled });
    if (problem) toasts.show(problem.message, 'error');
    else toasts.show(t(singleKeyShortcutsEnabled ? 'settings.singleKeyShortcutsOn' : 'settings.singleKeyShortcutsOff'));
  }

  async function toggleHiddenFromRecordings(isHiddenFromRecordings: boolean): Promise<void> {
    const problem = await settings.change({ isHiddenFromRecordings });
    if (problem) toasts.show(problem.message, 'error');
    else
      toasts.show(t(isHiddenFromRecordings ? 'settings.hiddenFromRecordingsOn' : 'settings.hiddenFromRecordingsOff'));
  }

  registerCommands({
    setLanguage: () =>
      languageChoices.map((choice) => ({
        targetLabel: languageLabels.get(choice) ?? t('language.system'),
        run: () => {
          preferences.language = choice;
        },
      })),
    changeOperatorName: openSection('operator'),
    changeReasons: openSection('reasons'),
    changeConfirmation: openSection('confirmation'),
    toggleSingleKeyShortcuts: () =>
      settings.current && {
        targetLabel: t(settings.current.singleKeyShortcutsEnabled ? 'settings.turnOff' : 'settings.turnOn'),
        run: () => void toggleSingleKeyShortcuts(!settings.current?.singleKeyShortcutsEnabled),
      },
    toggleHiddenFromRecordings: () =>
      host.kind === 'window' &&
      settings.current && {
        targetLabel: t(settings.current.isHiddenFromRecordings ? 'settings.turnOff' : 'settings.turnOn'),
        run: () => void toggleHiddenFromRecordings(!settings.current?.isHiddenFromRecordings),
      },
    createBackup: () => ({ run: () => void createBackup() }),
    restoreBackup: openSection('backups'),
    removeOldSessions: openSection('retention'),
    undoSessionRemoval: () =>
      removals
        .undoable(Date.now())
        .filter(({ progress }) => progress === null)
        .map((removal) => ({
          targetLabel: removals.shortLabel(removal),
          run: () => void removals.undo(removal.removalId),
        })),
    collectDiagnostics: openSection('diagnostics'),
    showAbout: openSection('about'),
  });
}
