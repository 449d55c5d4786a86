import { describe, expect, it } from 'vitest';
import { mayNeedElectron, parseArguments, selectPhases, workersFor } from '../../support/phases.ts';

const select = (args: string[], hasElectron = true) =>
  Object.fromEntries(selectPhases(parseArguments(args), hasElectron).map(({ phase, files }) => [phase.name, files]));

describe('arguments of npm test', () => {
  it('arguments: without one, every phase runs with all its files', () => {
    const selected = select([]);
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
    expect(parseArguments([])).toMatchObject({ isFull: false, title: null });
  });

  it('arguments: names select phases, and e2e selects three', () => {
    expect(Object.keys(select(['lint', 'e2e'])).toSorted()).toEqual(['browser', 'electron', 'lint', 'pages']);
    expect(parseArguments(['--full', 'unit'])).toMatchObject({ isFull: true });
  });

  it('arguments: a file selects its phase, and -t selects a test', () => {
    const args = ['test/unit/a.test.ts', 'test/e2e/focus.page.spec.ts', '-t', "the user's name"];
    expect(select(args)).toEqual({ unit: ['test/unit/a.test.ts'], pages: ['test/e2e/focus.page.spec.ts'] });
    expect(parseArguments(args).title).toBe("the user's name");
    expect(select(['browser', 'test/e2e/cancel.spec.ts'])).toEqual({ browser: ['test/e2e/cancel.spec.ts'] });
    expect(select(['test/e2e/cancel.spec.ts'])).toEqual({ electron: ['test/e2e/cancel.spec.ts'] });
    expect(select(['test/e2e/cancel.spec.ts'], false)).toEqual({ browser: ['test/e2e/cancel.spec.ts'] });
  });

  it('arguments: the binary of Electron is needed only for its phase', () => {
    const needed = (...args: string[]) => mayNeedElectron(parseArguments(args));
    expect([needed(), needed('e2e'), needed('test/e2e/cancel.spec.ts')]).toEqual([true, true, true]);
    expect([needed('unit'), needed('test/unit/a.test.ts'), needed('browser', 'test/e2e/cancel.spec.ts')]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('arguments: an unknown one is named with the valid ones', () => {
    expect(() => parseArguments(['chromium'])).toThrow(
      'Unknown argument "chromium". Use a phase (electron, types, lint, unit, components, integration, pages, ' +
        'browser, e2e), a path that starts with test/, --full, or -t TITLE.',
    );
  });
});

it('workersFor: phases that run side by side share the cores', () => {
  expect([workersFor(8, 2), workersFor(1, 2), workersFor(1, 8), workersFor(3, 8)]).toEqual([1, 2, 8, 2]);
});
