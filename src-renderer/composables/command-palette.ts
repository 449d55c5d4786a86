/** The entries of the command palette for an input: available commands, and sessions by reference or ID. */
import { watchDebounced } from '@vueuse/core';
import { computed, shallowRef } from 'vue';
import type { ComputedRef, Ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { emptySessionFilter } from '../contract.ts';
import { useCommands } from '../stores/commands.ts';
import type { CommandHandler } from '../stores/commands.ts';
import { useHostQuery } from '../stores/host-query.ts';
import { commandIds, getCommand, matchScore } from '../command-definitions.ts';
import type { CommandId, CommandGroup } from '../command-definitions.ts';
import { looksLikeAnyId } from '../session-values.ts';

export interface PaletteEntry {
  readonly key: string;
  readonly command: CommandId;
  readonly label: string;
  readonly targetLabel: string;
  readonly group: CommandGroup;
  /** Undefined if the command opens its view first, or if the entry represents several targets. */
  readonly handler: CommandHandler | undefined;
  /** Number of targets. Choosing the entry lists them. */
  readonly targetCount?: number;
}

/** Only the best matches are listed. */
const maxCommands = 40;

/** `addSession` uses a full session ID as its input. */
const acceptsInput = ({ command }: PaletteEntry, text: string): boolean =>
  command === 'addSession' && looksLikeAnyId(text);

/** The commands. Without input, a command with several targets is one entry. */
export function usePaletteEntries(input: Readonly<Ref<string>>): ComputedRef<readonly PaletteEntry[]> {
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
          return handlers.map((handler, index) => ({
            key: `${command}-${index}`,
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
    const text = input.value.trim();
    if (!text) {
      return commandIds.flatMap((command) => {
        const entries = all.value.filter((entry) => entry.command === command);
        const [first] = entries;
        return first && entries.length > 1
          ? [{ ...first, key: first.command, targetLabel: '', handler: undefined, targetCount: entries.length }]
          : entries;
      });
    }
    return all.value
      .map((entry) => ({
        entry,
        score: acceptsInput(entry, text) ? 1 : matchScore(`${entry.label} ${entry.targetLabel}`, text),
      }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, maxCommands)
      .map(({ entry }) => entry);
  });
}

const debounceMs = 100;
const maxResults = 8;
/** The search index contains trigrams. */
const minSearchLength = 3;
const viewId = `palette-${Math.random().toString(36).slice(2)}`;

export function useSessionSearch(input: Readonly<Ref<string>>) {
  const text = computed(() => input.value.trim().slice(0, 200));
  const request = shallowRef({ search: '', generation: 0 });
  watchDebounced(
    text,
    (search) => {
      request.value = { search, generation: request.value.generation + 1 };
    },
    { debounce: debounceMs },
  );
  const { data, isLoading } = useHostQuery(
    'sessions.list',
    () => {
      const { search, generation } = request.value;
      if (search.length < minSearchLength) return null;
      return { filter: { ...emptySessionFilter, search }, limit: maxResults, viewId, generation };
    },
    { keepsPrevious: true },
  );
  const isSearching = computed(
    () => text.value.length >= minSearchLength && (isLoading.value || text.value !== request.value.search),
  );
  const results = computed(() => {
    if (text.value.length < minSearchLength) return [];
    const rows = data.value?.rows ?? [];
    // Enter must not open a session that no longer matches. Sessions that still match stay until the response.
    const lowerText = text.value.toLowerCase();
    return isSearching.value
      ? rows.filter(({ reference, id }) => `${reference ?? ''}\n${id}`.toLowerCase().includes(lowerText))
      : rows;
  });
  return { results, isSearching };
}
