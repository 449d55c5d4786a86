import { Menu } from 'electron';
import { eventChannel } from '../../contract/channels.ts';
import type { EventName, EventPayload, MenuAct } from '../../contract/index.ts';
import { menuTemplate } from './menu-template.ts';
import type { Module } from './app-context.ts';

const chosen = 'menu.chosen' satisfies EventName;

export const menu: Module = (program) => () => {
  const choose = (act: MenuAct) =>
    program.window?.webContents.send(eventChannel, chosen, { act } satisfies EventPayload<typeof chosen>);
  const show = () => {
    const template = menuTemplate(process.platform, program.development, program.speech.words.menu, choose);
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  };
  show();
  program.speech.onChange(show);
};
