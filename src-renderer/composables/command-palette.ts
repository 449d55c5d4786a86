/** What the palette lists for what was typed: acts that can be done now, and sessions by reference or id. */
import { computed, onScopeDispose, shallowRef, watch } from 'vue';
import type { ComputedRef, Ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { allSessions } from '../contract.ts';
import type { Session } from '../contract.ts';
import { useActions } from '../stores/commands.ts';
import type { Offer } from '../stores/commands.ts';
import { useHost } from '../stores/host.ts';
import { actIds, actOf, matchOf } from './command-definitions.ts';
import type { ActId, Group } from './command-definitions.ts';
import { looksLikeAnyId } from './session-utils.ts';

export interface Entry {
  readonly key: string;
  readonly act: ActId;
  readonly words: string;
  readonly about: string;
  readonly group: Group;
  /** Undefined where the act leads to its place first, or is to be narrowed down. */
  readonly offer: Offer | undefined;
  /** Offered for so many: choosing it lists them. */
  readonly narrow?: number;
}

/** What matches worse than so many others is found by another word. */
const mostActs = 40;

/** A whole id is what this act is done with. */
const takes = ({ act }: Entry, text: string): boolean => act === 'addSession' && looksLikeAnyId(text);

/** The acts; with nothing typed, one that is offered for several is one entry. */
export function useEntries(typed: Readonly<Ref<string>>): ComputedRef<readonly Entry[]> {
  const { t } = useI18n();
  const actions = useActions();

  const all = computed(() =>
    actIds
      .filter((id) => !actOf(id).hidden)
      .flatMap((act): Entry[] => {
        const offers = actions.offered(act);
        const { group, place } = actOf(act);
        const words = t(`act.${act}`);
        if (offers.length > 0)
          return offers.map((offer, at) => ({
            key: `${act}-${at}`,
            act,
            words,
            about: offer.about ?? '',
            group,
            offer,
          }));
        return place ? [{ key: act, act, words, about: '', group, offer: undefined }] : [];
      }),
  );

  return computed(() => {
    const text = typed.value.trim();
    if (!text) {
      return actIds.flatMap((act) => {
        const same = all.value.filter((entry) => entry.act === act);
        const [first] = same;
        return first && same.length > 1
          ? [{ ...first, key: first.act, about: '', offer: undefined, narrow: same.length }]
          : same;
      });
    }
    return all.value
      .map((entry) => ({ entry, score: takes(entry, text) ? 1 : matchOf(`${entry.words} ${entry.about}`, text) }))
      .filter(({ score }) => score > 0)
      .sort((one, other) => other.score - one.score)
      .slice(0, mostActs)
      .map(({ entry }) => entry);
  });
}

/** Long enough to gather a quick typist's letters. */
const pauseMs = 100;
const most = 8;
/** The search is by three letters or more. */
const fewest = 3;
const viewer = `palette-${Math.random().toString(36).slice(2)}`;

export function useFoundSessions(typed: Readonly<Ref<string>>) {
  const host = useHost();
  const found = shallowRef<readonly Session[]>([]);
  const looking = shallowRef(false);
  let turn = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function look(search: string): Promise<void> {
    const mine = ++turn;
    const answer = await host.ask('sessions.page', {
      filter: { ...allSessions, search },
      limit: most,
      viewer,
      turn: mine,
    });
    if (mine !== turn) return;
    looking.value = false;
    found.value = answer.ok ? answer.value.rows : [];
  }

  watch(typed, (text) => {
    const search = text.trim();
    clearTimeout(timer);
    turn += 1;
    looking.value = search.length >= fewest;
    // What does not match any more must not be there to be opened by Enter; what does stays until the answer.
    const low = search.toLowerCase();
    found.value = looking.value
      ? found.value.filter(({ reference, id }) => `${reference ?? ''}\n${id}`.toLowerCase().includes(low))
      : [];
    if (looking.value) timer = setTimeout(() => void look(search.slice(0, 200)), pauseMs);
  });
  onScopeDispose(() => clearTimeout(timer));

  return { found, looking };
}
