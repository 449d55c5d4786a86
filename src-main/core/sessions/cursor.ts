/** Cursors of the session list: the sort value and the key of the last row of a page, opaque to the renderer. */
import { z } from 'zod';
import { AppError, createMessage, type SessionSort } from '../../contract/index.ts';
import type { ListPosition } from '../store/index.ts';

const cursorSchema = z.tuple([z.string(), z.union([z.string(), z.number(), z.null()]), z.int().positive()]);

export function encodeCursor({ value, key }: ListPosition, sort: SessionSort): string {
  return JSON.stringify([sort.by, value, key]);
}

/** Throws invalid_input if the cursor was not created by `encodeCursor` for the same sort order. */
export function decodeCursor(cursor: string, sort: SessionSort): ListPosition {
  const { data } = cursorSchema.safeParse(tryParseJson(cursor));
  if (data?.[0] === sort.by) return { value: data[1], key: data[2] };
  throw new AppError('invalid_input', createMessage('session.listPositionInvalid'), { details: { field: 'after' } });
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
