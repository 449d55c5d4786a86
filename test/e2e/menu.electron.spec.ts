/** The native menu and the stored window position. */
import type { MenuCommand } from '../../src-main/contract/index.ts';
import { expect, test } from './fixtures.ts';
import type { AppUnderTest } from './fixtures.ts';

async function clickMenuItem({ electron }: AppUnderTest, command: MenuCommand): Promise<void> {
  await electron.evaluate(({ Menu }, id) => Menu.getApplicationMenu()?.getMenuItemById(id)?.click(), command);
}

test('menu: items open views and dialogs, and do nothing while a dialog is open', async ({ workApp: app }) => {
  const { page } = app;
  await expect(page.getByRole('navigation').first()).toBeVisible();
  await clickMenuItem(app, 'goAudit');
  await expect(page.getByRole('heading', { name: 'Audit', level: 1 })).toBeVisible();
  await clickMenuItem(app, 'addConnection');
  await expect(page.getByRole('dialog')).toBeVisible();
  await clickMenuItem(app, 'goSettings');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await clickMenuItem(app, 'openPalette');
  await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible();
  await page.keyboard.type('keyboard');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
});

test('menu: it follows the selected language at once and after a restart', async ({ app }) => {
  const heads = () => app.electron.evaluate(({ Menu }) => Menu.getApplicationMenu()?.items.map(({ label }) => label));
  const english = ['File', 'Edit', 'View', 'Go', 'Help'];
  const french = ['Fichier', 'Édition', 'Affichage', 'Aller', 'Aide'];
  await expect.poll(heads).toEqual(english);
  await clickMenuItem(app, 'goSettings');
  await app.page.getByText('Bahasa Indonesia', { exact: true }).click();
  await expect.poll(heads).toEqual(['Berkas', 'Edit', 'Tampilan', 'Buka', 'Bantuan']);
  await app.page.getByText('Français (Canada)', { exact: true }).click();
  await expect.poll(heads).toEqual(french);

  // Every item is translated, also the roles that Electron labels, and the roles are unchanged.
  const items = () =>
    app.electron.evaluate(({ Menu }) =>
      Menu.getApplicationMenu()
        ?.items.flatMap(({ submenu }) => submenu?.items ?? [])
        .filter(({ type }) => type !== 'separator')
        .map(({ label }) => label),
    );
  expect(await items()).toEqual(
    expect.arrayContaining([
      'Ajouter une séance…',
      'Quitter',
      'Défaire',
      'Tout sélectionner',
      'Taille réelle',
      'Plein écran',
      'Raccourcis clavier',
    ]),
  );
  await clickMenuItem(app, 'goAudit');
  await expect(app.page.getByRole('heading', { name: 'Audit', level: 1 })).toBeVisible();

  await app.restart();
  await expect.poll(heads).toEqual(french);
});

test('window: position and size are restored after a restart', async ({ app }) => {
  await expect(app.page.getByRole('navigation').first()).toBeVisible();
  const placed = { x: 60, y: 40, width: 1000, height: 700 };
  await app.electron.evaluate(
    ({ BrowserWindow }, bounds) => BrowserWindow.getAllWindows()[0]?.setBounds(bounds),
    placed,
  );
  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close()).catch(() => undefined);
  await app.restart();
  await expect(app.page.getByRole('navigation').first()).toBeVisible();
  expect(
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds()),
  ).toMatchObject({ width: 1000, height: 700 });
});
