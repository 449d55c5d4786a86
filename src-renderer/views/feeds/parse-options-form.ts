/** How a feed's rows are to be read, as a form holds it: an empty name is for the console to find out. */
import { importField } from '../../contract.ts';
import type { CallInput, ImportField, ImportParseOptions } from '../../contract.ts';

export interface ParsingForm {
  mapping: Record<ImportField, string>;
  amounts: ImportParseOptions['amounts'];
  zonelessTimes: ImportParseOptions['zonelessTimes'];
}

export function createParsingForm(): ParsingForm {
  return {
    mapping: Object.fromEntries(importField.options.map((field) => [field, ''])) as ParsingForm['mapping'],
    amounts: 'plain',
    zonelessTimes: 'refuse',
  };
}

/** Names that were given are all there is; none given, and they are guessed from the rows. */
export function toParsingOptions({ mapping, amounts, zonelessTimes }: ParsingForm): CallInput<'feeds.add'>['reading'] {
  const given = Object.entries(mapping)
    .map(([field, name]) => [field, name.trim()] as const)
    .filter(([, name]) => name !== '');
  return { mapping: given.length === 0 ? null : Object.fromEntries(given), amounts, zonelessTimes };
}
