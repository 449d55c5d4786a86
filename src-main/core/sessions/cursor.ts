/** A place in an ordered list as the screen hands it back: what stands there, and the key that orders equals. */
import { z } from 'zod';
import { AppError, type SessionSort } from '../../contract/index.ts';
import type { ListPosition } from '../store/index.ts';

const cursorSchema = z.tuple([z.string(), z.union([z.string(), z.number(), z.null()]), z.int().positive()]);

export function encodeCursor({ value, key }: ListPosition, sort: SessionSort): string {
  return JSON.stringify([sort.by, value, key]);
}

/** Throws invalid_input for one that was not given for this order. */
export function decodeCursor(cursor: string, sort: SessionSort): ListPosition {
  const { data } = cursorSchema.safeParse(tryParseJson(cursor));
  if (data?.[0] === sort.by) return { value: data[1], key: data[2] };
  throw new AppError('invalid_input', 'The place in the list is not one this console gave. Reload the list.', {
    details: { field: 'after' },
  });
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
