/** A place in an ordered list as the screen hands it back: what stands there, and the key that orders equals. */
import { z } from 'zod';
import { DeskError, type SessionSort } from '../../contract/index.ts';
import type { ListPlace } from '../store/index.ts';

const written = z.tuple([z.string(), z.union([z.string(), z.number(), z.null()]), z.int().positive()]);

export function cursorOf({ at, key }: ListPlace, sort: SessionSort): string {
  return JSON.stringify([sort.by, at, key]);
}

/** Throws invalid_input for one that was not given for this order. */
export function placeOf(cursor: string, sort: SessionSort): ListPlace {
  const { data } = written.safeParse(parsed(cursor));
  if (data?.[0] === sort.by) return { at: data[1], key: data[2] };
  throw new DeskError('invalid_input', 'The place in the list is not one this console gave. Reload the list.', {
    details: { field: 'after' },
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
