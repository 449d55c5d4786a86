/** Messages of the main process in the operator's language. */
import type { Message } from '../contract.ts';
import { i18n } from '../i18n.ts';

/**
 * The message contains its English text. The other locales hold the translations under `message`. A message without a
 * translation, such as a text that an earlier version stored, is shown unchanged.
 */
export function localizeMessage({ message, messageKey, params }: Message): string {
  const { t, te, n } = i18n.global;
  const key = `message.${messageKey}`;
  if (!te(key)) return message;
  const values = Object.fromEntries(
    Object.entries(params).map(([name, param]) => [
      name,
      typeof param === 'object' ? localizeMessage(param) : typeof param === 'number' ? n(param) : param,
    ]),
  );
  const { count } = params;
  return typeof count === 'number' ? t(key, values, count) : t(key, values);
}

/** A copy whose `message` is localized when it is read, so that it follows a change of the language. */
export function withLocalizedMessage<Carrier extends Message>(carrier: Carrier): Carrier {
  return {
    ...carrier,
    get message() {
      return localizeMessage(carrier);
    },
  };
}
