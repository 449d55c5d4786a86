/** Setup file of Vitest: the random input of fast-check comes from the seed of the test run. */
import fc from 'fast-check';
import { seed } from './suite.ts';

fc.configureGlobal({ seed });
