/** What a change of a connection comes to: in words for its record, and whether it would make another account of it. */
import { AppError, type Connection, type ConnectionOptions } from '../../contract/index.ts';

type FieldValue = string | number | boolean | null;
type EditableConnection = Pick<Connection, 'name' | 'options'>;

/** What is changed, e.g. `name: Flinks CA → Flinks Canada, eTransferCancel: true → false`; empty where nothing is. */
export function describeChanges(before: EditableConnection, after: EditableConnection): string {
  const facts = ({ name, options }: EditableConnection): Record<string, FieldValue | undefined> => ({
    name,
    ...options,
  });
  const [old, next] = [facts(before), facts(after)];
  return Object.keys(next)
    .filter((key) => old[key] !== next[key])
    .map((key) => `${key}: ${formatValue(old[key])} → ${formatValue(next[key])}`)
    .join(', ');
}

/**
 * The option that says whose account it is, where it is changed; null otherwise. Sessions are tracked at the account they were made
 * at: asked for at another, they would be told not to exist.
 */
export function changedAccountField(
  before: ConnectionOptions,
  after: ConnectionOptions,
): 'clientId' | 'forUserId' | null {
  if (before.provider === 'flinks' && after.provider === 'flinks')
    return before.clientId === after.clientId ? null : 'clientId';
  if (before.provider === 'xendit' && after.provider === 'xendit')
    return before.forUserId === after.forUserId ? null : 'forUserId';
  throw new AppError(
    'connection_immutable',
    'The provider of a connection never changes. Connect the other provider as a connection of its own.',
    {
      details: { field: 'provider' },
    },
  );
}

function formatValue(value: FieldValue | undefined): string {
  return value === null || value === undefined || value === '' ? 'none' : String(value);
}
