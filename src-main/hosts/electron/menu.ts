import { Menu } from 'electron';
import { eventChannel } from '../../contract/channels.ts';
import type { EventName, EventPayload, MenuCommand } from '../../contract/index.ts';
import { createMenuTemplate } from './menu-template.ts';
import type { AppModule } from './app-context.ts';

const menuSelectedEvent = 'menu.selected' satisfies EventName;

export const menu: AppModule = (context) => () => {
  const sendCommand = (command: MenuCommand) =>
    context.window?.webContents.send(eventChannel, menuSelectedEvent, { command } satisfies EventPayload<
      typeof menuSelectedEvent
    >);
  const setMenu = () => {
    const template = createMenuTemplate(
      process.platform,
      context.isDevelopment,
      context.locale.messages.menu,
      sendCommand,
    );
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  };
  setMenu();
  context.locale.onChange(setMenu);
};
