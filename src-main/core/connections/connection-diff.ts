/** Compares two versions of a connection. */
import { AppError, createMessage, type Connection, type ConnectionOptions } from '../../contract/index.ts';

type FieldValue = string | number | boolean | null;
type EditableConnection = Pick<Connection, 'name' | 'options'>;

/** The fields that differ. */
export function listChanges(before: EditableConnection, after: EditableConnection) {
  const fieldsOf = ({ name, options }: EditableConnection): Record<string, FieldValue | undefined> => ({
    name,
    ...options,
  });
  const [oldFields, newFields] = [fieldsOf(before), fieldsOf(after)];
  return Object.keys(newFields)
    .filter((key) => oldFields[key] !== newFields[key])
    .map((field) => ({ field, from: oldFields[field] ?? null, to: newFields[field] ?? null }));
}

/**
 * The changed option that identifies the account, or null. Tracked sessions belong to the account of their connection.
 * At another account, the provider would not find them. Throws connection_immutable if the provider differs.
 */
export function changedAccountField(
  before: ConnectionOptions,
  after: ConnectionOptions,
): 'clientId' | 'forUserId' | null {
  if (before.provider === 'flinks' && after.provider === 'flinks')
    return before.clientId === after.clientId ? null : 'clientId';
  if (before.provider === 'xendit' && after.provider === 'xendit')
    return before.forUserId === after.forUserId ? null : 'forUserId';
  throw new AppError('connection_immutable', createMessage('connection.providerImmutable'), {
    details: { field: 'provider' },
  });
}
