/** Settings, backups, old sessions and diagnostics of the fake desk. */
import { mostWithoutCount, undoHours } from '../../src-main/contract/index.ts';
import type {
  Backup,
  CallInput,
  CallName,
  CallOutput,
  DeskState,
  EventName,
  EventPayload,
  Removal,
  Settings,
} from '../../src-main/contract/index.ts';

interface Parts {
  readonly state: DeskState;
  emit<Name extends EventName>(name: Name, payload: EventPayload<Name>): void;
}

export function fakeSettings({ state, emit }: Parts): {
  [Name in CallName]?: (input: CallInput<Name>) => CallOutput<Name>;
} {
  const user = state.operator;
  let settings: Settings = {
    operator: { user, name: null },
    reasons: null,
    countAbove: mostWithoutCount,
    singleKeys: true,
  };
  const backups: Backup[] = [
    { name: 'desk-20261119T080000-000Z.sqlite', bytes: 48_400_000, madeAt: '2026-11-19T08:00:00.000Z' },
  ];
  const removals: Removal[] = [];
  const tellRemovals = () => emit('removals.changed', { rows: [...removals] });
  return {
    'screen.setLanguage': () => ({}),
    'settings.get': () => settings,
    'settings.change': (changes) => {
      const {
        operatorName: name = settings.operator.name,
        reasons = settings.reasons,
        countAbove = settings.countAbove,
        singleKeys = settings.singleKeys,
      } = changes;
      settings = { operator: { user, name: name || null }, reasons: reasons && [...reasons], countAbove, singleKeys };
      Object.assign(state, {
        operator: settings.operator.name === null ? user : `${settings.operator.name} (${user})`,
      });
      emit('desk.changed', { ...state });
      return settings;
    },
    'backups.list': () => [...backups],
    'backups.make': () => {
      const made = { name: 'desk-20261121T090000-000Z.sqlite', bytes: 51_000_000, madeAt: '2026-11-21T09:00:00.000Z' };
      backups.unshift(made);
      return made;
    },
    'backups.restore': () => ({ ...state }),
    'sessions.countOld': ({ olderThanDays }) => ({ count: olderThanDays >= 365 ? 0 : 1_204 }),
    'sessions.removeOld': () => {
      const removalId = `40000000-0000-4000-8000-${String(removals.length + 1).padStart(12, '0')}`;
      const [at, until] = [0, undoHours].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString());
      removals.unshift({
        removalId,
        at: at ?? '',
        until: until ?? '',
        operator: state.operator,
        sessions: 1_204,
        work: null,
      });
      tellRemovals();
      return { removed: 1_204, removalId };
    },
    'sessions.removals': () => [...removals],
    'sessions.undoRemoval': ({ removalId }) => {
      removals.splice(0, removals.length, ...removals.filter((each) => each.removalId !== removalId));
      tellRemovals();
      return { restored: 1_204, joined: 0, lost: 0 };
    },
    'diagnostics.gather': () => ({
      diagnosticsId: '30000000-0000-4000-8000-000000000001',
      parts: [
        { name: 'about.json', bytes: 24, text: '{ "version": "0.1.0" }' },
        { name: 'desk.log', bytes: 0, text: '' },
      ],
    }),
    'diagnostics.write': () => ({ file: `${state.dataFolder}/work/exports/diagnostics-20261121T090000.zip` }),
  };
}
