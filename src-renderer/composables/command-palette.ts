/** What the palette lists for what was typed: acts that can be done now, and sessions by reference or id. */
import { computed, onScopeDispose, shallowRef, watch } from 'vue';
import type { ComputedRef, Ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { emptySessionFilter } from '../contract.ts';
import type { Session } from '../contract.ts';
import { useCommands } from '../stores/commands.ts';
import type { CommandHandler } from '../stores/commands.ts';
import { useHost } from '../stores/host.ts';
import { commandIds, getCommand, matchScore } from './command-definitions.ts';
import type { CommandId, CommandGroup } from './command-definitions.ts';
import { looksLikeAnyId } from './session-utils.ts';

export interface PaletteEntry {
  readonly key: string;
  readonly command: CommandId;
  readonly label: string;
  readonly targetLabel: string;
  readonly group: CommandGroup;
  /** Undefined where the act leads to its place first, or is to be narrowed down. */
  readonly handler: CommandHandler | undefined;
  /** Offered for so many: choosing it lists them. */
  readonly targetCount?: number;
}

/** What matches worse than so many others is found by another word. */
const maxCommands = 40;

/** A whole id is what this act is done with. */
const acceptsInput = ({ command }: PaletteEntry, text: string): boolean =>
  command === 'addSession' && looksLikeAnyId(text);

/** The acts; with nothing typed, one that is offered for several is one entry. */
export function usePaletteEntries(typed: Readonly<Ref<string>>): ComputedRef<readonly PaletteEntry[]> {
  const { t } = useI18n();
  const commands = useCommands();

  const all = computed(() =>
    commandIds
      .filter((id) => !getCommand(id).isHidden)
      .flatMap((command): PaletteEntry[] => {
        const handlers = commands.handlersFor(command);
        const { group, view } = getCommand(command);
        const label = t(`command.${command}`);
        if (handlers.length > 0)
          return handlers.map((handler, at) => ({
            key: `${command}-${at}`,
            command,
            label,
            targetLabel: handler.targetLabel ?? '',
            group,
            handler,
          }));
        return view ? [{ key: command, command, label, targetLabel: '', group, handler: undefined }] : [];
      }),
  );

  return computed(() => {
    const text = typed.value.trim();
    if (!text) {
      return commandIds.flatMap((command) => {
        const same = all.value.filter((entry) => entry.command === command);
        const [first] = same;
        return first && same.length > 1
          ? [{ ...first, key: first.command, targetLabel: '', handler: undefined, targetCount: same.length }]
          : same;
      });
    }
    return all.value
      .map((entry) => ({
        entry,
        score: acceptsInput(entry, text) ? 1 : matchScore(`${entry.label} ${entry.targetLabel}`, text),
      }))
      .filter(({ score }) => score > 0)
      .sort((one, other) => other.score - one.score)
      .slice(0, maxCommands)
      .map(({ entry }) => entry);
  });
}

/** Long enough to gather a quick typist's letters. */
const debounceMs = 100;
const maxResults = 8;
/** The search is by three letters or more. */
const minSearchLength = 3;
const viewId = `palette-${Math.random().toString(36).slice(2)}`;

export function useSessionSearch(typed: Readonly<Ref<string>>) {
  const host = useHost();
  const results = shallowRef<readonly Session[]>([]);
  const isSearching = shallowRef(false);
  let turn = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function look(search: string): Promise<void> {
    const mine = ++turn;
    const answer = await host.call('sessions.page', {
      filter: { ...emptySessionFilter, search },
      limit: maxResults,
      viewId,
      generation: mine,
    });
    if (mine !== turn) return;
    isSearching.value = false;
    results.value = answer.ok ? answer.value.rows : [];
  }

  watch(typed, (text) => {
    const search = text.trim();
    clearTimeout(timer);
    turn += 1;
    isSearching.value = search.length >= minSearchLength;
    // What does not match any more must not be there to be opened by Enter; what does stays until the answer.
    const low = search.toLowerCase();
    results.value = isSearching.value
      ? results.value.filter(({ reference, id }) => `${reference ?? ''}\n${id}`.toLowerCase().includes(low))
      : [];
    if (isSearching.value) timer = setTimeout(() => void look(search.slice(0, 200)), debounceMs);
  });
  onScopeDispose(() => clearTimeout(timer));

  return { results, isSearching };
}
