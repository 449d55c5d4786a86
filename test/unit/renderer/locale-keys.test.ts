import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  ageBand,
  eligibleForCancel,
  auditAction,
  auditChain,
  auditDamageKind,
  verificationResult,
  batchConnection,
  batchState,
  cancellationState,
  cause,
  connectionTestResult,
  credential,
  appState,
  environment,
  flinksStatusCode,
  itemOutcome,
  product,
  providerName,
  issueAction,
  sessionStatus,
  eligibility,
  workspaceName,
} from '../../../src-main/contract/index.ts';
import { classifyTestResult } from '../../../src-renderer/views/connections/test-issue.ts';
import en from '../../../src-renderer/locales/en.json' with { type: 'json' };
import { flattenMessages } from '../../support/locale-messages.ts';

const root = fileURLToPath(new URL('../../../src-renderer', import.meta.url));

const englishMessages = flattenMessages(en);
const source = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(vue|ts)$/.test(path))
  .map((path) => readFileSync(join(root, path), 'utf8'))
  .join('\n');

/** Keys as they stand in the source: whole, or with `*` for each part that is only known at run time. */
const usedKeys = [...source.matchAll(/\bt(?:e)?\(\s*(['`])(.+?)\1/g)].map(([, , key = '']) =>
  key.replaceAll(/\$\{[^}]+\}/g, '*'),
);
/** Keys that stand elsewhere than right after `t(`, e.g. in a condition. */
const otherKeys = [...source.matchAll(/(['`])([a-z]\w*\.[^'`\s]+)\1/gi)].map(([, , key = '']) =>
  key.replaceAll(/\$\{[^}]+\}/g, '*'),
);
const patterns = [...usedKeys, ...otherKeys].map(
  (key) => new RegExp(`^${key.replaceAll(/[.?()[\]+|\\]/g, '\\$&').replaceAll('*', '[^.]+')}$`),
);

const refusedResult = {
  result: 'refused',
  durationMs: 0,
  retryAfterMs: null,
  code: null,
  rejectedIpAddress: null,
  providerMessage: null,
} as const;
const networkCodes = [null, 'PROXY_407', 'ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_HAS_EXPIRED'];
const issueKinds = cause.options.flatMap((each) =>
  networkCodes.flatMap((code) =>
    [null, 1_000].map(
      (retryAfterMs) => classifyTestResult({ ...refusedResult, cause: each, code, retryAfterMs })?.code ?? each,
    ),
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
    ['audit.outcome', connectionTestResult.shape.result.options],
    ['audit.outcome', auditDamageKind.options],
    ['audit.damageExplanation', auditDamageKind.options],
    ['audit.verify.title', verificationResult.shape.result.options],
    ['audit.chain.macStatus', auditChain.shape.macStatus.options],
    ['audit.chain.previous', auditChain.shape.previous.shape.link.options],
    ['audit.chain.next', auditChain.shape.next.shape.link.options],
    ['cause', cause.options],
    ['audit.action', auditAction.options],
    ['flinksCode', flinksStatusCode.options],
    ['product', product.options],
    ['provider', providerName.options],
    ['environment', environment.options],
    ['workspace', workspaceName.options],
    ['credential', credential.shape.state.options],
    ['testResult.title', issueKinds],
    ['testResult.text', issueKinds],
    ['keychain.state', appState.shape.keychain.options],
    ['outcome.customer', providerName.options],
    ['cancel.consequence', providerName.options],
    ['batch.state', batchState.options],
    ['batch.outcome', itemOutcome.options],
    ['batch.eligibility', eligibility.options],
    ['batch.eligibilityHint', eligibility.options],
    [
      'batch.plan.emptyReason',
      [...eligibility.options.filter((each) => !(eligibleForCancel as readonly string[]).includes(each)), 'several'],
    ],
    ['batch.action', issueAction.options],
    ['batch.connection', batchConnection.shape.state.options],
    ['batch.age', ageBand.options],
    ['batch.confirm.consequence', providerName.options],
    [
      'workspaceError.title',
      ['already_running', 'folder_not_writable', 'disk_full', 'database_damaged', 'database_version_unsupported'],
    ],
  ])('name every member in %s', (group, members) => {
    expect(members.filter((member) => !englishMessages.get(`${group}.${member}`))).toEqual([]);
  });

  it('hold every key that the source names', () => {
    const missing = usedKeys.filter((key) => !key.includes('*') && !englishMessages.has(key));
    expect(missing).toEqual([]);
  });

  it('hold something for every key that is put together at run time', () => {
    const composed = usedKeys.filter((key) => key.includes('*'));
    expect(composed.length).toBeGreaterThan(10);
    for (const key of composed) {
      const pattern = new RegExp(`^${key.replaceAll('.', '\\.').replaceAll('*', '.+')}$`);
      expect(
        [...englishMessages.keys()].some((word) => pattern.test(word)),
        key,
      ).toBe(true);
    }
  });

  it('hold no key that nothing uses', () => {
    // Groups whose name itself is chosen at run time are found through te().
    const unused = [...englishMessages.keys()].filter(
      (key) =>
        !patterns.some((pattern) => pattern.test(key)) &&
        !source.includes(`'${key.split('.').slice(0, -1).join('.')}'`),
    );
    expect(unused).toEqual([]);
  });

  it('never say OK, Error or Something went wrong', () => {
    expect([...englishMessages].filter(([, text]) => /\bOK\b|\bError\b|something went wrong/i.test(text))).toEqual([]);
  });
});
