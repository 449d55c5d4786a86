/**
 * Schemas of the providers' documentation, written by hand. Those of Flinks are from the OpenAPI part and the text of
 * the cancel page. Those of Xendit are from a file that is not valid OpenAPI (numbers and booleans as strings, no
 * scheme).
 */
import { z } from 'zod';

const text = z.string();
const optionalText = z.string().nullable().optional();

// Schemas CancelSessionSetupResponse, SessionStatus and ProblemDetails. The text spells Canceled, the enum Cancelled.
export const flinksCancelled = z.strictObject({
  sessionId: z.uuid(),
  referenceId: text.nullable(),
  status: z.enum(['Canceled', 'Cancelled']),
  statusDetails: optionalText,
});
export const flinksProblem = z.strictObject({
  type: optionalText,
  title: optionalText,
  status: z.int().nullable().optional(),
  detail: optionalText,
  instance: optionalText,
});
export const flinksOAuthError = z.strictObject({ error: text, error_description: text });
export const flinksToken = z.strictObject({ access_token: text, token_type: z.literal('bearer'), expires_in: z.int() });

/** The status call. `InProgress` occurs only in the text about the life cycle. */
export const flinksStatus = z.strictObject({
  sessionId: z.uuid(),
  referenceId: text.nullable(),
  amount: z.number(),
  status: z.enum(['Initiated', 'InProgress', 'Failed', 'Canceled', 'Cancelled', 'Expired', 'Completed']),
  statusDetails: z
    .string()
    .regex(/^EFT0\d{3}$/)
    .nullable()
    .optional(),
});

export const flinksDetails = z.object({
  ...flinksStatus.shape,
  step: z.object({
    current: z.enum([
      'Start',
      'Consent',
      'BankSelection',
      'BankConnection',
      'AccountSelection',
      'AmountSelection',
      'Review',
      'Pad',
      'Complete',
    ]),
  }),
  type: z.enum(['EFT', 'e-Transfer']),
  direction: z.enum(['DEBIT', 'CREDIT']),
  currency: z.literal('CAD'),
  payor: z.object({ firstName: text, lastName: text, email: text, address: z.object({}), account: z.object({}) }),
  createdAt: z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{7}Z$/),
});

/**
 * Payment_Session_StandardSessionResponsePublicSchema. It has no required members; the two that the app needs are
 * required.
 */
export const xenditSession = z.object({
  payment_session_id: z.string().length(27),
  created: z.iso.datetime().optional(),
  updated: z.iso.datetime().optional(),
  reference_id: z.string().min(1).max(64).optional(),
  customer_id: z.string().length(41).optional(),
  session_type: z.enum(['SAVE', 'PAY', 'SUBSCRIPTION']).optional(),
  allow_save_payment_method: z.enum(['DISABLED', 'OPTIONAL', 'FORCED']).optional(),
  currency: z.enum(['IDR', 'PHP', 'VND', 'THB', 'SGD', 'MYR', 'USD']).optional(),
  // The schema has a number, the example a string.
  amount: z.union([z.number().nonnegative(), z.string().regex(/^\d+(\.\d+)?$/)]).optional(),
  country: z.enum(['ID', 'PH', 'VN', 'TH', 'SG', 'MY']).optional(),
  mode: z.enum(['PAYMENT_LINK', 'COMPONENTS']).optional(),
  capture_method: z.enum(['AUTOMATIC', 'MANUAL']).optional(),
  channel_properties: z.object({}).optional(),
  allowed_payment_channels: z.array(text).optional(),
  expires_at: z.iso.datetime().optional(),
  locale: z.string().length(2).optional(),
  metadata: z.record(text, text).nullable().optional(),
  description: z.string().min(1).max(1_000).optional(),
  items: z.array(z.object({})).nullable().optional(),
  success_return_url: z.url().optional(),
  cancel_return_url: z.url().optional(),
  status: z.enum(['ACTIVE', 'COMPLETED', 'EXPIRED', 'CANCELED']),
  notification_channels: z.array(z.literal('EMAIL')).optional(),
  subscription: z
    .object({ schedule: z.object({}) })
    .nullable()
    .optional(),
  payment_link_url: optionalText,
  payment_token_id: optionalText,
  payment_id: optionalText,
  payment_request_id: optionalText,
  business_id: text.optional(),
  components_sdk_key: optionalText,
  components_configuration: z.object({}).nullable().optional(),
});

const errors = z
  .array(z.union([z.string(), z.object({})]))
  .nullable()
  .optional();
export const xenditError = z.strictObject({
  error_code: z.enum(['INVALID_API_KEY', 'NOT_FOUND', 'INVALID_SESSION_STATUS']),
  message: text,
  errors,
});
