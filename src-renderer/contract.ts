/** The only import of the contract in the renderer. */
export * from '../src-main/contract/index.ts';
