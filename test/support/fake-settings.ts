/** Calls of the fake API client for settings, backups, removals and diagnostics. */
import { maxSessionsWithoutTypedCount, undoWindowHours } from '../../src-main/contract/index.ts';
import type {
  Backup,
  CallInput,
  CallName,
  CallOutput,
  AppState,
  EventName,
  EventPayload,
  Removal,
  RestoreReview,
  Settings,
} from '../../src-main/contract/index.ts';

const fakeRestoreReview: RestoreReview = {
  restoredSequence: 301,
  restoredAt: '2026-11-19T08:10:00.000Z',
  backupName: 'desk-20261119T080000-000Z.sqlite',
  destinations: [
    {
      kind: 'connection',
      id: '00000000-0000-4000-8000-000000000001',
      name: 'Flinks Canada',
      environment: 'production',
      destination: 'https://payments.flinksapp.com (flinks, production)',
      check: 'matches',
      storedFor: null,
      isOff: false,
    },
    {
      kind: 'connection',
      id: '00000000-0000-4000-8000-000000000002',
      name: 'Xendit Indonesia',
      environment: 'production',
      destination: 'https://api.xendit.example (xendit, production)',
      check: 'differs',
      storedFor: 'https://api.xendit.co (xendit, production)',
      isOff: true,
    },
    {
      kind: 'feed',
      id: '00000000-0000-4000-8000-000000000003',
      name: 'Shop exports',
      environment: 'production',
      destination: '/srv/exports',
      check: 'no_secret',
      storedFor: null,
      isOff: false,
    },
  ],
  unresolvedCancellations: 2,
};

interface FakeSettingsOptions {
  readonly state: AppState;
  emit<Name extends EventName>(name: Name, payload: EventPayload<Name>): void;
}

export function fakeSettings({ state, emit }: FakeSettingsOptions): {
  [Name in CallName]?: (input: CallInput<Name>) => CallOutput<Name>;
} {
  const osUser = state.operator;
  let settings: Settings = {
    operator: { osUser, name: null },
    reasons: null,
    typedCountThreshold: maxSessionsWithoutTypedCount,
    singleKeyShortcutsEnabled: true,
    isHiddenFromRecordings: false,
  };
  const backups: Backup[] = [
    {
      name: 'desk-20261119T080000-000Z.sqlite',
      kind: 'backup',
      bytes: 48_400_000,
      createdAt: '2026-11-19T08:00:00.000Z',
    },
  ];
  const removals: Removal[] = [];
  const emitRemovals = () => emit('removals.changed', { rows: [...removals] });
  return {
    'app.setLanguage': () => ({}),
    'app.expireClipboard': () => ({}),
    'settings.get': () => settings,
    'settings.change': (changes) => {
      const {
        operatorName: name = settings.operator.name,
        reasons = settings.reasons,
        typedCountThreshold = settings.typedCountThreshold,
        singleKeyShortcutsEnabled = settings.singleKeyShortcutsEnabled,
        isHiddenFromRecordings = settings.isHiddenFromRecordings,
      } = changes;
      settings = {
        operator: { osUser, name: name || null },
        reasons: reasons && [...reasons],
        typedCountThreshold,
        singleKeyShortcutsEnabled,
        isHiddenFromRecordings,
      };
      Object.assign(state, {
        operator: settings.operator.name === null ? osUser : `${settings.operator.name} (${osUser})`,
      });
      emit('app.changed', { ...state });
      return settings;
    },
    'backups.list': () => [...backups],
    'backups.create': () => {
      const backup = {
        name: 'desk-20261121T090000-000Z.sqlite',
        kind: 'backup' as const,
        bytes: 51_000_000,
        createdAt: '2026-11-21T09:00:00.000Z',
      };
      backups.unshift(backup);
      return backup;
    },
    'backups.delete': ({ name }) => {
      backups.splice(0, backups.length, ...backups.filter((backup) => backup.name !== name));
      return {};
    },
    'backups.restore': () => ({ ...state }),
    'backups.getReview': () => (state.isRestoreReviewPending ? fakeRestoreReview : null),
    'backups.completeReview': () => {
      Object.assign(state, { isRestoreReviewPending: false });
      emit('app.changed', { ...state });
      return { ...state };
    },
    'removals.countSessions': ({ olderThanDays }) => ({ count: olderThanDays >= 365 ? 0 : 1_204 }),
    'removals.start': () => {
      const removalId = `40000000-0000-4000-8000-${String(removals.length + 1).padStart(12, '0')}`;
      const [removedAt, purgesAt] = [0, undoWindowHours].map((hours) =>
        new Date(Date.now() + hours * 3_600_000).toISOString(),
      );
      removals.unshift({
        removalId,
        removedAt: removedAt ?? '',
        purgesAt: purgesAt ?? '',
        operator: state.operator,
        retainedSessions: 1_204,
        progress: null,
      });
      emitRemovals();
      return { removedCount: 1_204, removalId };
    },
    'removals.list': () => [...removals],
    'removals.undo': ({ removalId }) => {
      removals.splice(0, removals.length, ...removals.filter((removal) => removal.removalId !== removalId));
      emitRemovals();
      return { restoredCount: 1_204, mergedCount: 0, unrestorableCount: 0 };
    },
    'diagnostics.collect': () => ({
      diagnosticsId: '30000000-0000-4000-8000-000000000001',
      files: [
        { name: 'about.json', bytes: 24, text: '{ "version": "0.1.0" }' },
        { name: 'desk.log', bytes: 0, text: '' },
      ],
    }),
    'diagnostics.write': () => ({ file: `${state.dataFolder}/work/exports/diagnostics-20261121T090000.zip` }),
  };
}
