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
  reviewedDestination,
  issueAction,
  sessionStatus,
  eligibility,
  workspaceName,
} from '../../../src-main/contract/index.ts';
import { classifyTestResult } from '../../../src-renderer/views/connections/test-issue.ts';
import en from '../../../src-renderer/locales/en.json' with { type: 'json' };
import { flattenMessages } from '../../support/locale-messages.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const root = fileURLToPath(new URL('../../../src-renderer', import.meta.url));

const englishMessages = flattenMessages(en);
const source = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(vue|ts)$/.test(path))
  .map((path) => readFileSync(join(root, path), 'utf8'))
  .join('\n');

/** Keys in calls of t(), te() and countText(), with `*` for each part that is known only at run time. */
const usedKeys = [...source.matchAll(/\b(?:te?|countText)\(\s*(['`])(.+?)\1/g)].map(([, , key = '']) =>
  key.replaceAll(/\$\{[^}]+\}/g, '*'),
);
/** Keys in other expressions, e.g. in a condition. */
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

describe('English locale', () => {
  it.each([
    ['status', sessionStatus.options],
    ['statusShort', sessionStatus.options],
    ['outcome.found', sessionStatus.options.map((status) => `${status}.title`)],
    ['outcome.found', sessionStatus.options.map((status) => `${status}.text`)],
    // The title of `already_final` depends on the status that was found.
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
    ['restoreReview.check', reviewedDestination.shape.check.options],
    ['restoreReview.kind', reviewedDestination.shape.kind.options],
    ['restoreReview.off', reviewedDestination.shape.kind.options],
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
      [
        'already_running',
        'folder_not_writable',
        'disk_full',
        'database_damaged',
        'database_schema_unexpected',
        'database_version_unsupported',
      ],
    ],
  ])('every value of the contract has a text in %s', (group, members) => {
    expect(nonEmpty(members).filter((member) => !englishMessages.get(`${group}.${member}`))).toEqual([]);
  });

  it('every key in the source has a text', () => {
    const missing = nonEmpty(usedKeys).filter((key) => !key.includes('*') && !englishMessages.has(key));
    expect(missing).toEqual([]);
  });

  it('every key that is composed at run time matches a text', () => {
    const composed = usedKeys.filter((key) => key.includes('*'));
    expect(composed.length).toBeGreaterThan(10);
    for (const key of nonEmpty(composed)) {
      const pattern = new RegExp(`^${key.replaceAll('.', '\\.').replaceAll('*', '.+')}$`);
      expect(
        [...englishMessages.keys()].some((englishKey) => pattern.test(englishKey)),
        key,
      ).toBe(true);
    }
  });

  it('every text is used in the source', () => {
    // useAuditLabels composes `${group}.${value}`, and AuditVerification selects the key in an expression.
    // The Electron host uses the texts in `native`; see the next test.
    const dynamicGroups = ['audit.confirmedBy', 'audit.secretLocation', 'audit.verify.location', 'native'];
    const unused = nonEmpty(englishMessages.keys()).filter(
      (key) =>
        !patterns.some((pattern) => pattern.test(key)) && !dynamicGroups.some((group) => key.startsWith(`${group}.`)),
    );
    expect(unused).toEqual([]);
  });

  it('every native text is used in the Electron host', () => {
    const folder = fileURLToPath(new URL('../../../src-main/hosts/electron', import.meta.url));
    const hostSource = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
    // The actions of `recommendedActions` are the values of `issueAction`.
    const names = [...flattenMessages(en.native).keys()].map((key) => key.split('.').at(-1) ?? '');
    const known = new Set<string>(issueAction.options);
    expect(nonEmpty(names).filter((name) => !known.has(name) && !new RegExp(`\\b${name}\\b`).test(hostSource))).toEqual(
      [],
    );
  });

  it('no text is OK, starts with Error or says that something went wrong', () => {
    expect(
      nonEmpty(englishMessages).filter(([, text]) => /\bOK\b|\bError\b|[Ss]omething went wrong/.test(text)),
    ).toEqual([]);
  });
});
