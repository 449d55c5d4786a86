import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  createMessage,
  isMessageKey,
  isPlainMessageKey,
  messageTexts,
  parseStoredMessage,
} from '../../../src-main/contract/index.ts';
import { nonEmpty } from '../../support/non-empty.ts';

const contractFolder = new URL('../../../src-main/contract/', import.meta.url);

describe('createMessage', () => {
  it('returns the key, the parameters and the English text', () => {
    expect(createMessage('app.unexpected', { id: 'a1b2' })).toEqual({
      message: messageTexts.app.unexpected.replace('{id}', 'a1b2'),
      messageKey: 'app.unexpected',
      params: { id: 'a1b2' },
    });
    expect(createMessage('validation.reasonMissing')).toEqual({
      message: 'Select a reason.',
      messageKey: 'validation.reasonMissing',
      params: {},
    });
  });

  it('a nested message appears with its English text', () => {
    const nested = createMessage('validation.secretMissing');
    expect(createMessage('app.verbatim', { text: nested })).toMatchObject({
      message: nested.message,
      params: { text: nested },
    });
  });
});

describe('isPlainMessageKey', () => {
  it('is true only for keys of messages without parameters', () => {
    expect(isPlainMessageKey('app.closing')).toBe(true);
    expect(isPlainMessageKey('app.unexpected')).toBe(false);
    for (const text of ['', 'app', 'app.', 'closing', 'app.missing', 'toString', '__proto__'])
      expect(isPlainMessageKey(text), text).toBe(false);
  });
});

describe('parseStoredMessage', () => {
  it('returns a stored message', () => {
    const message = createMessage('app.unexpected', { id: 'a1b2' });
    expect(parseStoredMessage(JSON.stringify(message))).toEqual(message);
  });

  it.each(['The feed did not answer.', '{"message":"x"}', '"text"', '17', ''])(
    'a text of an earlier version becomes app.verbatim: %j',
    (text) => {
      expect(parseStoredMessage(text)).toEqual({ message: text, messageKey: 'app.verbatim', params: { text } });
    },
  );
});

describe('message catalogue', () => {
  const texts = Object.entries(messageTexts).flatMap(([area, names]) =>
    Object.entries(names).map(([name, text]): [string, string] => [`${area}.${name}`, text]),
  );

  it.each(nonEmpty(texts))('%s has a valid name and text', (key, text) => {
    expect(isMessageKey(key)).toBe(true);
    expect(key).toMatch(/^[a-z]+\.[a-z][A-Za-z0-9]+$/);
    expect(text.replaceAll(/\{\w+\}| \| /g, '')).not.toMatch(/[@|{}]/);
  });

  it('the schemas of the contract use each validation text, and no other text', () => {
    const sources = readdirSync(contractFolder)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(new URL(file, contractFolder), 'utf8'));
    const usedKeys = new Set(sources.join('').match(/\bvalidation\.\w+/g));
    expect([...usedKeys].sort()).toEqual(texts.map(([key]) => key).filter((key) => key.startsWith('validation.')));
  });

  it('parseStoredMessage: a key that this version does not have leaves the English text', () => {
    const stored = JSON.stringify({ message: 'Page 3 is not valid.', messageKey: 'feed.laterKey', params: {} });
    expect(parseStoredMessage(stored)).toEqual(createMessage('app.verbatim', { text: 'Page 3 is not valid.' }));
  });
});
