/** The parse options of a feed as form values. */
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

/** If any column is named, only named columns are read. If none is, Session Desk detects them from the rows. */
export function toParsingOptions({ mapping, amounts, zonelessTimes }: ParsingForm): CallInput<'feeds.add'>['reading'] {
  const namedColumns = Object.entries(mapping)
    .map(([field, name]) => [field, name.trim()] as const)
    .filter(([, name]) => name !== '');
  return { mapping: namedColumns.length === 0 ? null : Object.fromEntries(namedColumns), amounts, zonelessTimes };
}
