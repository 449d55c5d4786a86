/** Who can do what at this moment. Views handler acts while they are on the screen; whoever came last goes first. */
import { defineStore } from 'pinia';
import { nextTick, onScopeDispose, shallowRef, watch } from 'vue';
import { useRouter } from 'vue-router';
import { getCommand, matchesShortcut, isSingleKey, commandIds } from '../composables/command-definitions.ts';
import type { CommandId } from '../composables/command-definitions.ts';
import { useSettings } from './settings.ts';

export interface CommandHandler {
  /** What it would be done to, e.g. a connection's name: an act may be offered for several. */
  readonly targetLabel?: string;
  /** `input`: what stands in the palette. */
  run(input: string): void;
}

/** Asked whenever somebody looks: nothing is offered where there is nothing to do. */
export type CommandProviders = {
  readonly [Id in CommandId]?: () => CommandHandler | readonly CommandHandler[] | null | false | undefined;
};

/** Acts wait this long for the place that they lead to. */
const viewTimeoutMs = 5_000;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input:not([type=checkbox], [type=radio]), select, textarea');
}

export const useCommands = defineStore('commands', () => {
  const router = useRouter();
  const settings = useSettings();
  const providers = shallowRef<readonly CommandProviders[]>([]);
  const isPaletteOpen = shallowRef(false);
  /** What had the focus when the palette was opened, e.g. a row that an act may be about. */
  const previousFocus = shallowRef<Element | null>(null);

  function handlersFor(id: CommandId): readonly CommandHandler[] {
    for (const commandProviders of providers.value.toReversed()) {
      const found = commandProviders[id]?.();
      if (found) return 'run' in found ? [found] : found;
    }
    return [];
  }

  /** The keys of an act as they are now, or none: those of one character can be turned off. */
  function shortcutFor(id: CommandId): string {
    const { shortcut = '' } = getCommand(id);
    return isSingleKey(shortcut) && settings.current?.singleKeyShortcutsEnabled === false ? '' : shortcut;
  }

  /** Does it, or goes where it can be done and does it there; the way is given up when another is taken. */
  async function run(id: CommandId, handler = handlersFor(id)[0], input = ''): Promise<void> {
    if (handler) return handler.run(input);
    const { view } = getCommand(id);
    if (!view) return;
    if (router.currentRoute.value.name !== view) await router.push({ name: view });
    await nextTick();
    const [ready] = handlersFor(id);
    if (ready) return ready.run(input);
    const stop = watch(
      () => [handlersFor(id)[0], router.currentRoute.value.name] as const,
      ([late, name]) => {
        if (name !== view || late) end();
        if (name === view && late) late.run(input);
      },
    );
    const patience = setTimeout(stop, viewTimeoutMs);
    function end(): void {
      clearTimeout(patience);
      stop();
    }
  }

  function openPalette(): void {
    previousFocus.value = document.activeElement;
    isPaletteOpen.value = true;
  }

  /** A dialog or a menu has the word. */
  const isBusy = (): boolean => document.querySelector('[role="dialog"], [role="menu"]') !== null;

  /** The keys that work anywhere, except while someone types or a dialog is open. */
  function handleKeydown(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.repeat || isBusy()) return;
    for (const id of commandIds) {
      const { hasScopedShortcut, worksWhileTyping } = getCommand(id);
      const shortcut = shortcutFor(id);
      if (
        !shortcut ||
        hasScopedShortcut ||
        !matchesShortcut(shortcut, event) ||
        (!worksWhileTyping && isTyping(event.target))
      )
        continue;
      const [handler] = handlersFor(id);
      if (!handler && !getCommand(id).view) continue;
      event.preventDefault();
      previousFocus.value = document.activeElement;
      return void run(id, handler);
    }
  }

  return {
    providers,
    isPaletteOpen,
    previousFocus,
    handlersFor,
    shortcutFor,
    run,
    openPalette,
    isBusy,
    handleKeydown,
  };
});

/** Offers these acts for as long as the component is there. */
export function registerCommands(commandProviders: CommandProviders): void {
  const commands = useCommands();
  commands.providers = [...commands.providers, commandProviders];
  onScopeDispose(() => {
    commands.providers = commands.providers.filter((each) => each !== commandProviders);
  });
}
