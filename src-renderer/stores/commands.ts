/**
 * The commands that are available now. Views register handlers while they are mounted; the latest handler has priority.
 */
import { defineStore } from 'pinia';
import { nextTick, onScopeDispose, shallowRef, watch } from 'vue';
import { useRouter } from 'vue-router';
import { getCommand, matchesShortcut, isSingleKey, commandIds } from '../command-definitions.ts';
import type { CommandId } from '../command-definitions.ts';
import { useSettings } from './settings.ts';

export interface CommandHandler {
  /** The object that the command applies to, e.g. a connection's name. A command may have several. */
  readonly targetLabel?: string;
  /** `input` is the text in the command palette. */
  run(input: string): void;
}

/**
 * Called whenever the commands are read. A provider returns null, false or undefined if its command is not available.
 */
export type CommandProviders = {
  readonly [Id in CommandId]?: () => CommandHandler | readonly CommandHandler[] | null | false | undefined;
};

/** How long a command waits for the handler of the view that it has opened. */
const viewTimeoutMs = 5_000;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input:not([type=checkbox], [type=radio]), select, textarea');
}

export const useCommands = defineStore('commands', () => {
  const router = useRouter();
  const settings = useSettings();
  const providers = shallowRef<readonly CommandProviders[]>([]);
  const isPaletteOpen = shallowRef(false);
  /** The focused element when the palette was opened, e.g. the row that a command applies to. */
  const previousFocus = shallowRef<Element | null>(null);

  function handlersFor(id: CommandId): readonly CommandHandler[] {
    for (const commandProviders of providers.value.toReversed()) {
      const handlers = commandProviders[id]?.();
      if (handlers) return 'run' in handlers ? [handlers] : handlers;
    }
    return [];
  }

  /** The command's shortcut, or '' if it has none or if single-key shortcuts are turned off. */
  function shortcutFor(id: CommandId): string {
    const { shortcut = '' } = getCommand(id);
    return isSingleKey(shortcut) && settings.current?.singleKeyShortcutsEnabled === false ? '' : shortcut;
  }

  /**
   * Runs the command. If it has no handler now, opens its view and waits for the view's handler, unless the operator
   * goes to another view.
   */
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
      ([viewHandler, name]) => {
        if (name !== view || viewHandler) end();
        if (name === view && viewHandler) viewHandler.run(input);
      },
    );
    const timeout = setTimeout(stop, viewTimeoutMs);
    function end(): void {
      clearTimeout(timeout);
      stop();
    }
  }

  function openPalette(): void {
    previousFocus.value = document.activeElement;
    isPaletteOpen.value = true;
  }

  /** Whether a dialog or a menu is open. */
  const isBusy = (): boolean => document.querySelector('[role="dialog"], [role="menu"]') !== null;

  /** Handles shortcuts that work in every view, except while a dialog or menu is open or the operator types. */
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

/** Registers the commands until the calling component is unmounted. */
export function registerCommands(commandProviders: CommandProviders): void {
  const commands = useCommands();
  commands.providers = [...commands.providers, commandProviders];
  onScopeDispose(() => {
    commands.providers = commands.providers.filter((each) => each !== commandProviders);
  });
}
