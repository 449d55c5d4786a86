/**
 * Arbitraries of call messages that the renderer never sends: derived from the contract's schemas, valid or invalid.
 */
import fc from 'fast-check';
import type { z } from 'zod';
import { calls } from '../../src-main/contract/index.ts';
import type { CallName } from '../../src-main/contract/index.ts';

export interface FuzzMessage {
  readonly name: unknown;
  readonly input: unknown;
}

/** The parts of a zod schema definition that this module uses. */
interface SchemaDefinition {
  readonly type: string;
  readonly format?: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly entries?: Readonly<Record<string, string>>;
  readonly values?: readonly unknown[];
  readonly options?: readonly z.ZodType[];
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly keyType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly in?: z.ZodType;
}

const hostileStrings = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\udfff\ud800',
  '\u202etxt',
  '﷽',
  '😀'.repeat(50),
  'x'.repeat(5_000),
  '../../etc/passwd',
  '..\\..\\windows',
  '/dev/null',
  'C:\\',
  '\\\\server\\share',
  'file:///etc/passwd',
  '%2e%2e%2f',
  'CON',
  'desk.sqlite',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  "'; DROP TABLE sessions; --",
  '" OR 1=1 --',
  '*',
  'a* OR b',
  'NEAR(',
  '=cmd()',
  '<img src=x onerror=alert(1)>',
  '${7*7}',
  '{{7*7}}',
  'http://127.0.0.1:9/',
  'https://',
  'javascript:alert(1)',
  'NaN',
  '1e999',
  '-0',
  '0x10',
  '9'.repeat(400),
] as const;
const edgeNumbers = [
  0,
  -0,
  -1,
  0.5,
  1e21,
  2 ** 53,
  -(2 ** 53),
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  Infinity,
  -Infinity,
  NaN,
] as const;

const arbitraryText = fc.oneof(
  fc.constantFrom(...hostileStrings),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const arbitraryNumber = fc.oneof(fc.constantFrom(...edgeNumbers), fc.integer(), fc.double());

/** JSON.parse creates an own property `__proto__`; an object literal would set the prototype. */
const prototypePollution = fc
  .constantFrom('{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}')
  .map((json) => JSON.parse(json) as unknown);
const deeplyNestedValue = fc.integer({ min: 1, max: 2_000 }).map((depth) => {
  let value: unknown = 'x';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
});
const longArray = fc.integer({ min: 1, max: 300_000 }).map((length) => Array.from({ length }, () => 0));
const invalidValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: arbitraryText },
  { weight: 4, arbitrary: arbitraryNumber },
  { weight: 2, arbitrary: fc.constantFrom(null, undefined, true, false, [], {}) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<unknown> },
  { weight: 2, arbitrary: prototypePollution },
  { weight: 1, arbitrary: deeplyNestedValue },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(1n, new Map([['a', 1]]), new Date(0), new Uint8Array(3)) },
);

/** Values of a schema, most of them valid. `knownTexts`: ids and texts that exist in the application under test. */
export function arbitraryFromSchema(schema: z.ZodType, knownTexts: readonly string[]): fc.Arbitrary<unknown> {
  const definition = schema._zod.def as unknown as SchemaDefinition;
  const validValue = arbitraryFromDefinition(definition, knownTexts);
  return fc.oneof({ weight: 12, arbitrary: validValue }, { weight: 1, arbitrary: invalidValue });
}

function arbitraryFromDefinition(definition: SchemaDefinition, knownTexts: readonly string[]): fc.Arbitrary<unknown> {
  const inner = (schema: z.ZodType | undefined) =>
    schema === undefined ? invalidValue : arbitraryFromSchema(schema, knownTexts);
  switch (definition.type) {
    case 'object': {
      const model = Object.fromEntries(
        Object.entries(definition.shape ?? {}).map(([key, value]) => [key, inner(value)]),
      );
      const extended = fc.record({ ...model, extra: invalidValue });
      return fc.oneof(
        { weight: 8, arbitrary: fc.record(model) },
        { weight: 1, arbitrary: fc.record(model, { requiredKeys: [] }) },
        { weight: 1, arbitrary: extended },
      );
    }
    case 'array':
      return fc.array(inner(definition.element), { maxLength: 6 });
    case 'record':
      return fc.dictionary(arbitraryText, inner(definition.valueType), { maxKeys: 5 });
    case 'union':
      return fc.oneof(...(definition.options ?? []).map(inner));
    case 'enum':
      return fc.constantFrom(...Object.values(definition.entries ?? {}));
    case 'literal':
      return fc.constantFrom(...(definition.values ?? []));
    case 'boolean':
      return fc.boolean();
    case 'number':
      return fc.oneof(fc.integer({ min: 0, max: 30 }), arbitraryNumber);
    case 'string':
      return arbitraryFromFormat(definition.format, knownTexts);
    case 'nullable':
      return fc.option(inner(definition.innerType), { nil: null });
    case 'optional':
    case 'default':
    case 'prefault':
      return fc.option(inner(definition.innerType), { nil: undefined });
    case 'pipe':
      return inner(definition.in);
    default:
      return invalidValue;
  }
}

function arbitraryFromFormat(format: string | undefined, knownTexts: readonly string[]): fc.Arbitrary<unknown> {
  switch (format) {
    case 'uuid':
      return fc.oneof(fc.constantFrom(...knownTexts), fc.uuid(), arbitraryText);
    case 'datetime':
      return fc.oneof(
        fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
        arbitraryText,
      );
    case 'date':
      return fc.oneof(fc.constantFrom('2026-02-28', '2026-13-40', '0000-00-00', '9999-12-31'), arbitraryText);
    case 'base64':
      return fc.oneof(fc.base64String({ maxLength: 400 }), arbitraryText);
    default:
      return fc.oneof(fc.constantFrom(...knownTexts, 'order-1', '12.50', 'CAD'), arbitraryText);
  }
}

const callNames = Object.keys(calls) as CallName[];

/** Messages of any kind. Calls in `rareCalls` are slow, so they are rare. */
export function arbitraryMessages(
  knownTexts: readonly string[],
  rareCalls: readonly CallName[],
): fc.Arbitrary<FuzzMessage> {
  const frequentCalls = callNames.filter((name) => !rareCalls.includes(name));
  const messagesOf = (names: readonly CallName[]) =>
    fc
      .constantFrom(...names)
      .chain((name) =>
        arbitraryFromSchema(calls[name].input, knownTexts).map((input): FuzzMessage => ({ name, input })),
      );
  const invalidInput = fc
    .tuple(
      fc.constantFrom(...callNames),
      fc.oneof({ weight: 20, arbitrary: invalidValue }, { weight: 1, arbitrary: longArray }),
    )
    .map(([name, input]): FuzzMessage => ({ name, input }));
  const invalidName = fc
    .tuple(fc.oneof(arbitraryText, invalidValue), invalidValue)
    .map(([name, input]): FuzzMessage => ({ name, input }));
  return fc.oneof(
    { weight: 80, arbitrary: messagesOf(frequentCalls) },
    { weight: 1, arbitrary: messagesOf(rareCalls) },
    { weight: 14, arbitrary: invalidInput },
    { weight: 5, arbitrary: invalidName },
  );
}
