import { expect, it } from 'vitest';
import { importParseOptions } from '../../../src-main/contract/index.ts';
import { detectFormat } from '../../../src-main/core/import/detect-format.ts';
import { expectLinearTime } from '../../support/linear-time.ts';

const options = importParseOptions.parse({});

it.each([
  ['{"id": "a"}\n{"id": "b"}', 'json_lines'],
  ['{"sessions": [{"id": "a"}]}', 'json'],
  ['{"sessions": [{"id": "a \\" }"}]}', 'json'],
  ['[{"id": "a"}]', 'json'],
  ['id;amount\na;1', 'csv'],
] as const)('detectFormat: %s is %s', (head, format) => {
  expect(detectFormat(head, true, options).format).toBe(format);
});

// Verifies S-09.
it('detectFormat: a text that does not end takes linear time', () => {
  expectLinearTime((length) => detectFormat(`{${'\\"'.repeat(length / 2)}`, false, options));
});
