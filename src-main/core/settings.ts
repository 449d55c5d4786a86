import PQueue from 'p-queue';
import {
  maxSessionsWithoutTypedCount,
  operatorName,
  savedReasons,
  tryParseJson,
  typedCountThreshold,
  type ChangedValue,
  type ParsedInput,
  type Settings as SettingsView,
} from '../contract/index.ts';
import type { Setting, Store } from './store/index.ts';

interface SettingsDependencies {
  readonly store: Store;
  /** The OS user. */
  readonly osUser: string;
  onChanged(settings: SettingsView): void;
}

const sharedOwner = '';

/** The settings of a workspace. Each change is recorded; a new operator name applies from the next record on. */
export class SettingsService {
  readonly #dependencies: SettingsDependencies;
  #current: SettingsView;
  /** Runs changes one at a time. */
  readonly #queue = new PQueue({ concurrency: 1 });

  private constructor(dependencies: SettingsDependencies, current: SettingsView) {
    this.#dependencies = dependencies;
    this.#current = current;
  }

  /** Reads the settings; a stored value that is not valid is replaced by the default. */
  static async open(dependencies: SettingsDependencies): Promise<SettingsService> {
    const { store, osUser } = dependencies;
    const stored = await store.run('settingsForUser', osUser);
    const valueOf = (owner: string, name: Setting['name']): unknown =>
      tryParseJson(stored.find((setting) => setting.owner === owner && setting.name === name)?.value ?? 'null');
    const settings = new SettingsService(dependencies, {
      operator: { osUser, name: operatorName.safeParse(valueOf(osUser, 'operator_name')).data ?? null },
      reasons: savedReasons.safeParse(valueOf(sharedOwner, 'reasons')).data ?? null,
      typedCountThreshold:
        typedCountThreshold.safeParse(valueOf(sharedOwner, 'count_above')).data ?? maxSessionsWithoutTypedCount,
      singleKeyShortcutsEnabled: valueOf(osUser, 'single_keys') !== false,
      isHiddenFromRecordings: valueOf(osUser, 'content_protection') === true,
    });
    if (settings.get().operator.name !== null) await store.run('setOperator', settings.getOperator());
    return settings;
  }

  get(): SettingsView {
    return this.#current;
  }

  /** The operator in audit records: the OS user, or `Name (OS user)` if a name is set. */
  getOperator(): string {
    const { osUser, name } = this.#current.operator;
    return name === null ? osUser : `${name} (${osUser})`;
  }

  change(input: ParsedInput<'settings.change'>): Promise<SettingsView> {
    return this.#queue.add(() => this.#applyChange(input));
  }

  async #applyChange({
    operatorName: newName,
    reasons,
    typedCountThreshold: count,
    singleKeyShortcutsEnabled,
    isHiddenFromRecordings,
  }: ParsedInput<'settings.change'>): Promise<SettingsView> {
    const { osUser } = this.#current.operator;
    if (newName !== undefined && newName !== this.#current.operator.name) {
      // The change is recorded under the previous name.
      await this.#save({ owner: osUser, name: 'operator_name', value: newName }, this.#current.operator.name);
      this.#current = { ...this.#current, operator: { osUser, name: newName } };
      await this.#dependencies.store.run('setOperator', this.getOperator());
    }
    if (reasons !== undefined) {
      const unique = reasons && [...new Set(reasons)];
      await this.#save({ owner: sharedOwner, name: 'reasons', value: unique }, this.#current.reasons);
      this.#current = { ...this.#current, reasons: unique };
    }
    if (count !== undefined && count !== this.#current.typedCountThreshold) {
      await this.#save({ owner: sharedOwner, name: 'count_above', value: count }, this.#current.typedCountThreshold);
      this.#current = { ...this.#current, typedCountThreshold: count };
    }
    for (const [name, field, value] of [
      ['single_keys', 'singleKeyShortcutsEnabled', singleKeyShortcutsEnabled],
      ['content_protection', 'isHiddenFromRecordings', isHiddenFromRecordings],
    ] as const) {
      if (value === undefined || value === this.#current[field]) continue;
      await this.#save({ owner: osUser, name, value }, this.#current[field]);
      this.#current = { ...this.#current, [field]: value };
    }
    this.#dependencies.onChanged(this.#current);
    return this.#current;
  }

  async #save(
    { owner, name, value }: Omit<Setting, 'value'> & { value: ChangedValue },
    before: ChangedValue,
  ): Promise<void> {
    await this.#dependencies.store.run('putSetting', {
      setting: { owner, name, value: value === null ? null : JSON.stringify(value) },
      audit: { action: 'settings_changed', outcome: name, detail: { kind: 'setting', from: before, to: value } },
    });
  }
}
