/**
 * Texts that the main process sends to the operator. Each text has a key and parameters, so that the renderer can show
 * it in the operator's language. Logs, terminals and audit details use the English text. The renderer's locale files
 * hold the translations under `message`, with the same keys.
 */
import { z } from 'zod';
import { formatText } from '../languages.ts';
import { app, validation } from './app.ts';
import { audit } from './audit.ts';
import { batch } from './batch.ts';
import { connection } from './connection.ts';
import { feed } from './feed.ts';
import { imports } from './import.ts';
import { maintenance } from './maintenance.ts';
import { provider } from './provider.ts';
import { session } from './session.ts';

/** English texts by area and name. `{name}` is a parameter; the parameter `count` selects the form of `one | many`. */
export const messageTexts = {
  app,
  audit,
  batch,
  connection,
  feed,
  import: imports,
  maintenance,
  provider,
  session,
  validation,
} as const;

type Texts = typeof messageTexts;
type KeyOf<Area extends keyof Texts> = `${Area}.${keyof Texts[Area] & string}`;
export type MessageKey = { [Area in keyof Texts]: KeyOf<Area> }[keyof Texts];

type TextOf<Key extends MessageKey> = Key extends `${infer Area extends keyof Texts}.${infer Name}`
  ? Name extends keyof Texts[Area]
    ? Texts[Area][Name]
    : never
  : never;
type ParamNames<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | ParamNames<Rest> : never;

/** A text, a number, or a nested message. */
export type MessageParam = string | number | Message;
/** Keys of the messages without parameters. */
export type PlainMessageKey = {
  [Key in MessageKey]: ParamNames<TextOf<Key>> extends never ? Key : never;
}[MessageKey];
type ParamsOf<Key extends MessageKey> = Readonly<Record<ParamNames<TextOf<Key>>, MessageParam>>;

export interface Message {
  /** The text in English, with its parameters filled in. */
  message: string;
  messageKey: MessageKey;
  params: Record<string, MessageParam>;
}

const texts = new Map<string, string>(
  Object.entries(messageTexts).flatMap(([area, names]) =>
    Object.entries(names).map(([name, text]): [string, string] => [`${area}.${name}`, text]),
  ),
);

export function isMessageKey(text: string): text is MessageKey {
  return texts.has(text);
}

export function isPlainMessageKey(text: string): text is PlainMessageKey {
  return isMessageKey(text) && texts.get(text)?.includes('{') === false;
}

/** Fields of every object that carries a message. Spread them into its schema. */
export const messageFields = {
  message: z.string(),
  messageKey: z.custom<MessageKey>((value) => typeof value === 'string' && isMessageKey(value)),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.lazy((): z.ZodType<Message> => message)])),
};

export const message: z.ZodType<Message> = z.object(messageFields);

/** The message of an object that carries one, without the object's other fields. */
export function pickMessage({ message, messageKey, params }: Message): Message {
  return { message, messageKey, params };
}

/** Creates a message with its English text. The caller must redact parameters that hold outside text. */
export function createMessage<Key extends MessageKey>(
  messageKey: Key,
  ...[params]: ParamNames<TextOf<Key>> extends never ? [] : [params: ParamsOf<Key>]
): Message {
  const values: Record<string, MessageParam> = { ...params };
  const text = formatText('en', texts.get(messageKey) ?? '', Number(values['count']), (name) => {
    const param = values[name];
    return typeof param === 'object' ? param.message : String(param ?? '');
  });
  return { message: text, messageKey, params: values };
}

/**
 * Parses a stored message. A plain text that an earlier version stored, and the English text of a key that this version
 * does not have, become `app.verbatim`.
 */
export function parseStoredMessage(stored: string): Message {
  try {
    const value: unknown = JSON.parse(stored);
    const known = message.safeParse(value);
    return known.success
      ? known.data
      : createMessage('app.verbatim', {
          text: z.object({ message: z.string(), messageKey: z.string() }).parse(value).message,
        });
  } catch {
    return createMessage('app.verbatim', { text: stored });
  }
}
