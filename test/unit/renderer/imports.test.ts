import { describe, expect, it } from 'vitest';
import { prependIdHeader } from '../../../src-renderer/stores/imports.ts';

describe('prependIdHeader', () => {
  it.each([
    ['86095db9-0a9b\nps-661f\n', 'session_id\n86095db9-0a9b\nps-661f\n'],
    ['https://pay.example/x?id=12\r\n', 'session_id\nhttps://pay.example/x?id=12\r\n'],
    ['\uFEFFabc-1', 'session_id\nabc-1'],
  ])('a plain list of IDs gets a header line: %j', async (text, expected) => {
    expect(await (await prependIdHeader(new Blob([text])))?.text()).toBe(expected);
  });

  it.each(['session_id\nabc-1\n', 'abc-1,Order-1\n', '["abc-1"]', '{"id":1}', '\nabc-1', '', 'a\0b\u00001\0'])(
    'other content gets no header line: %j',
    async (text) => {
      expect(await prependIdHeader(new Blob([text]))).toBeNull();
    },
  );
});
