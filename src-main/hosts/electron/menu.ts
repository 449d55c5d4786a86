import { Menu } from 'electron';
import { menuTemplate } from './menu-template.ts';
import type { Module } from './program.ts';

export const menu: Module = ({ development }) => () => {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform, development)));
};
