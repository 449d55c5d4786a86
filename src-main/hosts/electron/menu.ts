import { Menu } from 'electron';
import { eventChannel } from '../../contract/channels.ts';
import type { EventName, EventPayload } from '../../contract/index.ts';
import { menuTemplate } from './menu-template.ts';
import type { Module } from './program.ts';

const chosen = 'menu.chosen' satisfies EventName;

export const menu: Module = (program) => () => {
  const template = menuTemplate(process.platform, program.development, (act) => {
    program.window?.webContents.send(eventChannel, chosen, { act } satisfies EventPayload<typeof chosen>);
  });
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
};
