import type { MenuItemConstructorOptions } from 'electron';
import { expect, it } from 'vitest';
import { menuTemplate } from '../../../../src-main/hosts/electron/menu-template.ts';

function roles(template: readonly MenuItemConstructorOptions[]): string[] {
  return template.flatMap((item) => [item.role ?? '', ...(Array.isArray(item.submenu) ? roles(item.submenu) : [])]);
}

it('has what each system expects', () => {
  expect(menuTemplate('darwin', false).map((item) => item.role)).toEqual(['appMenu', 'editMenu', 'viewMenu', 'windowMenu']);
  expect(menuTemplate('linux', false).map((item) => item.role)).toEqual(['fileMenu', 'editMenu', 'viewMenu']);
});

it('offers reload and developer tools to developers alone', () => {
  for (const platform of ['darwin', 'linux', 'win32'] as const) {
    expect(roles(menuTemplate(platform, false))).not.toContain('toggleDevTools');
    expect(roles(menuTemplate(platform, false))).not.toContain('reload');
    expect(roles(menuTemplate(platform, true))).toContain('toggleDevTools');
  }
});
