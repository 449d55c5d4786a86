/** The one door from the screen to the contract. */
export * from '../src-main/contract/index.ts';
