import { Menu } from 'electron';
import { eventChannel } from '../../contract/channels.ts';
import type { EventName, EventPayload, MenuCommand } from '../../contract/index.ts';
import { createMenuTemplate } from './menu-template.ts';
import type { AppModule } from './app-context.ts';

const menuEvent = 'menu.selected' satisfies EventName;

export const menu: AppModule = (context) => () => {
  const choose = (command: MenuCommand) =>
    context.window?.webContents.send(eventChannel, menuEvent, { command } satisfies EventPayload<typeof menuEvent>);
  const show = () => {
    const template = createMenuTemplate(process.platform, context.isDevelopment, context.locale.messages.menu, choose);
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  };
  show();
  context.locale.onChange(show);
};
