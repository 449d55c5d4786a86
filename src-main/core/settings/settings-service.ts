import {
  mostWithoutCount,
  operatorName,
  savedReasons,
  countAbove,
  type CheckedInput,
  type Settings as SettingsView,
} from '../../contract/index.ts';
import type { Setting, Store } from '../store/index.ts';

interface SettingsParts {
  readonly store: Store;
  /** The OS user. */
  readonly user: string;
  changed(settings: SettingsView): void;
}

type Value = readonly string[] | string | number | boolean | null;
const everybody = '';

/** What this record's desk is set to. Each change is on record; who acts is named by it from the next record on. */
export class Settings {
  readonly #parts: SettingsParts;
  #now: SettingsView;
  /** Changes, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(parts: SettingsParts, now: SettingsView) {
    this.#parts = parts;
    this.#now = now;
  }

  /** What cannot be read, as by hand in the file, is as the console comes with. */
  static async open(parts: SettingsParts): Promise<Settings> {
    const { store, user } = parts;
    const kept = await store.run('settingsOf', user);
    const valueOf = (owner: string, name: Setting['name']): unknown => {
      try {
        return JSON.parse(kept.find((each) => each.owner === owner && each.name === name)?.value ?? 'null');
      } catch {
        return null;
      }
    };
    const settings = new Settings(parts, {
      operator: { user, name: operatorName.safeParse(valueOf(user, 'operator_name')).data ?? null },
      reasons: savedReasons.safeParse(valueOf(everybody, 'reasons')).data ?? null,
      countAbove: countAbove.safeParse(valueOf(everybody, 'count_above')).data ?? mostWithoutCount,
      singleKeys: valueOf(user, 'single_keys') !== false,
    });
    if (settings.view.operator.name !== null) await store.run('actAs', settings.operator);
    return settings;
  }

  get view(): SettingsView {
    return this.#now;
  }

  /** Who acts, as every record names him: the OS user, behind the name he goes by where he gave one. */
  get operator(): string {
    const { user, name } = this.#now.operator;
    return name === null ? user : `${name} (${user})`;
  }

  change(input: CheckedInput<'settings.change'>): Promise<SettingsView> {
    const turn = this.#turn.then(() => this.#change(input));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #change({
    operatorName: name,
    reasons,
    countAbove: count,
    singleKeys,
  }: CheckedInput<'settings.change'>): Promise<SettingsView> {
    const { user } = this.#now.operator;
    if (name !== undefined && name !== this.#now.operator.name) {
      // On record under the name that went before.
      await this.#put({ owner: user, name: 'operator_name', value: name }, this.#now.operator.name);
      this.#now = { ...this.#now, operator: { user, name } };
      await this.#parts.store.run('actAs', this.operator);
    }
    if (reasons !== undefined) {
      const unique = reasons && [...new Set(reasons)];
      await this.#put({ owner: everybody, name: 'reasons', value: unique }, this.#now.reasons);
      this.#now = { ...this.#now, reasons: unique };
    }
    if (count !== undefined && count !== this.#now.countAbove) {
      await this.#put({ owner: everybody, name: 'count_above', value: count }, this.#now.countAbove);
      this.#now = { ...this.#now, countAbove: count };
    }
    if (singleKeys !== undefined && singleKeys !== this.#now.singleKeys) {
      await this.#put({ owner: user, name: 'single_keys', value: singleKeys }, this.#now.singleKeys);
      this.#now = { ...this.#now, singleKeys };
    }
    this.#parts.changed(this.#now);
    return this.#now;
  }

  async #put({ owner, name, value }: Omit<Setting, 'value'> & { value: Value }, before: Value): Promise<void> {
    await this.#parts.store.run('putSetting', {
      setting: { owner, name, value: value === null ? null : JSON.stringify(value) },
      audit: { action: 'settings_changed', outcome: name, detail: `${told(before)} → ${told(value)}` },
    });
  }
}

function told(value: Value): string {
  if (value === null) return 'as it comes';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return Array.isArray(value) ? value.join(', ') : String(value);
}
