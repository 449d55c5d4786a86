import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  ageBand,
  askedVerdicts,
  auditAction,
  auditChain,
  auditDamageKind,
  auditVerdict,
  batchLane,
  batchState,
  cancellationState,
  cause,
  connectionVerdict,
  credential,
  deskState,
  environment,
  flinksCode,
  itemOutcome,
  product,
  providerName,
  remedy,
  sessionStatus,
  verdict,
  workspaceName,
} from '../../../src-main/contract/index.ts';
import { troubleOf } from '../../../src-renderer/views/connections/test-issue.ts';
import en from '../../../src-renderer/locales/en.json' with { type: 'json' };
import { flatten } from '../../support/locale-messages.ts';

const root = fileURLToPath(new URL('../../../src-renderer', import.meta.url));

const words = flatten(en);
const source = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(vue|ts)$/.test(path))
  .map((path) => readFileSync(join(root, path), 'utf8'))
  .join('\n');

/** Keys as they stand in the source: whole, or with `*` for each part that is only known at run time. */
const used = [...source.matchAll(/\bt(?:e)?\(\s*(['`])(.+?)\1/g)].map(([, , key = '']) =>
  key.replaceAll(/\$\{[^}]+\}/g, '*'),
);
/** Keys that stand elsewhere than right after `t(`, e.g. in a condition. */
const elsewhere = [...source.matchAll(/(['`])([a-z]\w*\.[^'`\s]+)\1/gi)].map(([, , key = '']) =>
  key.replaceAll(/\$\{[^}]+\}/g, '*'),
);
const patterns = [...used, ...elsewhere].map(
  (key) => new RegExp(`^${key.replaceAll(/[.?()[\]+|\\]/g, '\\$&').replaceAll('*', '[^.]+')}$`),
);

const refusal = {
  verdict: 'refused',
  durationMs: 0,
  waitMs: null,
  code: null,
  address: null,
  providerWords: null,
} as const;
const seen = [null, 'PROXY_407', 'ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_HAS_EXPIRED'];
const troubles = cause.options.flatMap((each) =>
  seen.flatMap((code) =>
    [null, 1_000].map((waitMs) => troubleOf({ ...refusal, cause: each, code, waitMs })?.trouble ?? each),
  ),
);

describe('the words of the screen', () => {
  it.each([
    ['status', sessionStatus.options],
    ['statusShort', sessionStatus.options],
    ['outcome.found', sessionStatus.options.map((status) => `${status}.title`)],
    ['outcome.found', sessionStatus.options.map((status) => `${status}.text`)],
    // `already_final` takes its title from the state that was found.
    ['outcome.title', cancellationState.options.filter((state) => state !== 'already_final')],
    ['audit.outcome', cancellationState.options],
    ['audit.outcome', sessionStatus.options],
    ['audit.outcome', connectionVerdict.shape.verdict.options],
    ['audit.outcome', auditDamageKind.options],
    ['audit.damageMeans', auditDamageKind.options],
    ['audit.verify.title', auditVerdict.shape.verdict.options],
    ['audit.chain.seal', auditChain.shape.seal.options],
    ['audit.chain.before', auditChain.shape.before.shape.link.options],
    ['audit.chain.after', auditChain.shape.after.shape.link.options],
    ['cause', cause.options],
    ['audit.action', auditAction.options],
    ['flinksCode', flinksCode.options],
    ['product', product.options],
    ['provider', providerName.options],
    ['environment', environment.options],
    ['workspace', workspaceName.options],
    ['credential', credential.shape.state.options],
    ['verdict.title', troubles],
    ['verdict.text', troubles],
    ['keychain.state', deskState.shape.keychain.options],
    ['outcome.customer', providerName.options],
    ['cancel.consequence', providerName.options],
    ['batch.state', batchState.options],
    ['batch.outcome', itemOutcome.options],
    ['batch.verdict', verdict.options],
    ['batch.verdictHint', verdict.options],
    [
      'batch.plan.nothingWhy',
      [...verdict.options.filter((each) => !(askedVerdicts as readonly string[]).includes(each)), 'several'],
    ],
    ['batch.remedy', remedy.options],
    ['batch.lane', batchLane.shape.state.options],
    ['batch.age', ageBand.options],
    ['batch.confirm.consequence', providerName.options],
    ['trouble.title', ['already_running', 'folder_not_writable', 'disk_full', 'database_damaged', 'database_newer']],
  ])('name every member in %s', (group, members) => {
    expect(members.filter((member) => !words.get(`${group}.${member}`))).toEqual([]);
  });

  it('hold every key that the source names', () => {
    const missing = used.filter((key) => !key.includes('*') && !words.has(key));
    expect(missing).toEqual([]);
  });

  it('hold something for every key that is put together at run time', () => {
    const composed = used.filter((key) => key.includes('*'));
    expect(composed.length).toBeGreaterThan(10);
    for (const key of composed) {
      const pattern = new RegExp(`^${key.replaceAll('.', '\\.').replaceAll('*', '.+')}$`);
      expect(
        [...words.keys()].some((word) => pattern.test(word)),
        key,
      ).toBe(true);
    }
  });

  it('hold no key that nothing uses', () => {
    // Groups whose name itself is chosen at run time are found through te().
    const unused = [...words.keys()].filter(
      (key) =>
        !patterns.some((pattern) => pattern.test(key)) &&
        !source.includes(`'${key.split('.').slice(0, -1).join('.')}'`),
    );
    expect(unused).toEqual([]);
  });

  it('never say OK, Error or Something went wrong', () => {
    expect([...words].filter(([, text]) => /\bOK\b|\bError\b|something went wrong/i.test(text))).toEqual([]);
  });
});
