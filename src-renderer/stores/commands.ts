/** Who can do what at this moment. Views offer acts while they are on the screen; whoever came last goes first. */
import { defineStore } from 'pinia';
import { nextTick, onScopeDispose, shallowRef, watch } from 'vue';
import { useRouter } from 'vue-router';
import { actOf, isPressed, isSingle, actIds } from '../composables/command-definitions.ts';
import type { ActId } from '../composables/command-definitions.ts';
import { useSettings } from './settings.ts';

export interface Offer {
  /** What it would be done to, e.g. a connection's name: an act may be offered for several. */
  readonly about?: string;
  /** `typed`: what stands in the palette. */
  run(typed: string): void;
}

/** Asked whenever somebody looks: nothing is offered where there is nothing to do. */
export type Offers = { readonly [Id in ActId]?: () => Offer | readonly Offer[] | null | false | undefined };

/** Acts wait this long for the place that they lead to. */
const patienceMs = 5_000;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input:not([type=checkbox], [type=radio]), select, textarea');
}

export const useActions = defineStore('actions', () => {
  const router = useRouter();
  const settings = useSettings();
  const offering = shallowRef<readonly Offers[]>([]);
  const paletteOpen = shallowRef(false);
  /** What had the focus when the palette was opened, e.g. a row that an act may be about. */
  const from = shallowRef<Element | null>(null);

  function offered(id: ActId): readonly Offer[] {
    for (const offers of offering.value.toReversed()) {
      const found = offers[id]?.();
      if (found) return 'run' in found ? [found] : found;
    }
    return [];
  }

  /** The keys of an act as they are now, or none: those of one character can be turned off. */
  function keysOf(id: ActId): string {
    const { keys = '' } = actOf(id);
    return isSingle(keys) && settings.current?.singleKeys === false ? '' : keys;
  }

  /** Does it, or goes where it can be done and does it there; the way is given up when another is taken. */
  async function run(id: ActId, offer = offered(id)[0], typed = ''): Promise<void> {
    if (offer) return offer.run(typed);
    const { place } = actOf(id);
    if (!place) return;
    if (router.currentRoute.value.name !== place) await router.push({ name: place });
    await nextTick();
    const [ready] = offered(id);
    if (ready) return ready.run(typed);
    const stop = watch(
      () => [offered(id)[0], router.currentRoute.value.name] as const,
      ([late, name]) => {
        if (name !== place || late) end();
        if (name === place && late) late.run(typed);
      },
    );
    const patience = setTimeout(stop, patienceMs);
    function end(): void {
      clearTimeout(patience);
      stop();
    }
  }

  function openPalette(): void {
    from.value = document.activeElement;
    paletteOpen.value = true;
  }

  /** A dialog or a menu has the word. */
  const isBusy = (): boolean => document.querySelector('[role="dialog"], [role="menu"]') !== null;

  /** The keys that work anywhere, except while someone types or a dialog is open. */
  function pressed(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.repeat || isBusy()) return;
    for (const id of actIds) {
      const { ownKeys, whileTyping } = actOf(id);
      const keys = keysOf(id);
      if (!keys || ownKeys || !isPressed(keys, event) || (!whileTyping && isTyping(event.target))) continue;
      const [offer] = offered(id);
      if (!offer && !actOf(id).place) continue;
      event.preventDefault();
      from.value = document.activeElement;
      return void run(id, offer);
    }
  }

  return { offering, paletteOpen, from, offered, keysOf, run, openPalette, isBusy, pressed };
});

/** Offers these acts for as long as the component is there. */
export function offerActs(offers: Offers): void {
  const actions = useActions();
  actions.offering = [...actions.offering, offers];
  onScopeDispose(() => {
    actions.offering = actions.offering.filter((each) => each !== offers);
  });
}
