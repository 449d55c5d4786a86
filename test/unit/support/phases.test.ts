import { describe, expect, it } from 'vitest';
import { parseArguments, workersFor } from '../../support/phases.ts';

const parse = (...args: string[]) => {
  const { selected, ...rest } = parseArguments(args, true);
  return { ...rest, selected: Object.fromEntries(selected.map(({ phase, files }) => [phase.name, files])) };
};

describe('arguments of npm test', () => {
  it('arguments: without one, every phase runs all its tests', () => {
    const { selected, isFull, title, isExplicit } = parse();
    expect(Object.keys(selected).toSorted()).toEqual([
      'browser',
      'components',
      'electron',
      'integration',
      'lint',
      'pages',
      'types',
      'unit',
    ]);
    expect(Object.values(selected).flat()).toEqual([]);
    expect({ isFull, title, isExplicit }).toEqual({ isFull: false, title: null, isExplicit: false });
  });

  it('arguments: names select phases, and e2e selects three', () => {
    expect(Object.keys(parse('lint', 'e2e').selected).toSorted()).toEqual(['browser', 'electron', 'lint', 'pages']);
    expect(parse('--full', 'unit')).toMatchObject({ isFull: true, isExplicit: true });
  });

  it('arguments: a file selects its phase, and -t selects a test', () => {
    expect(parse('test/unit/a.test.ts', 'test/e2e/focus.page.spec.ts', '-t', "the user's name")).toEqual({
      isFull: false,
      isExplicit: true,
      title: "the user's name",
      selected: { unit: ['test/unit/a.test.ts'], pages: ['test/e2e/focus.page.spec.ts'] },
    });
    expect(parse('test/e2e/cancel.spec.ts').selected).toEqual({ electron: ['test/e2e/cancel.spec.ts'] });
    expect(parse('browser', 'test/e2e/cancel.spec.ts').selected).toEqual({ browser: ['test/e2e/cancel.spec.ts'] });
    expect(parseArguments(['test/e2e/cancel.spec.ts'], false).selected[0]?.phase.name).toBe('browser');
  });

  it('arguments: an unknown one is named with the valid ones', () => {
    expect(() => parse('chromium')).toThrow(
      'Unknown argument "chromium". Use a phase (electron, types, lint, unit, components, integration, pages, ' +
        'browser, e2e), a path that starts with test/, --full, or -t TITLE.',
    );
  });
});

it('workersFor: phases that run side by side share the cores', () => {
  expect([workersFor(8, 2), workersFor(1, 2), workersFor(1, 8), workersFor(3, 8)]).toEqual([1, 2, 8, 2]);
});
