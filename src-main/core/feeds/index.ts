export { Feeds } from './feeds.ts';
