/** Texts about imports: the file, its lines and their values. Those about lines and values apply to feeds too. */
import { joinText } from './join-text.ts';

export const imports = {
  /** The browser could not read the chosen file. */
  fileUnreadable: '{name} could not be read.',

  limitReached: 'At most {max} files can be imported at once. Wait until one import has finished, or stop one.',
  notFound: 'This import no longer exists. Import the file again.',
  chunkOutOfOrder: 'A part of the file is missing or was sent twice. It was not imported. Import the file again.',
  writeFailed: 'These lines could not be stored. The lines that were stored before are kept.',

  fileIsArchive: joinText(
    'This file is a spreadsheet or an archive (ZIP), not text. Save the spreadsheet as CSV, or unpack ',
    'the archive. Then choose that file.',
  ),
  fileIsOldDocument: 'This file is an old spreadsheet or document, not text. Save it as CSV. Then choose that file.',
  fileIsCompressed: 'This file is compressed (gzip). Unpack it. Then choose the unpacked file.',
  fileIsPdf: 'This file is a PDF, not a table. Choose a CSV, JSON or JSON Lines file.',
  textNotUtf8: joinText(
    'From here on, the file is not text in UTF-8. Save it as UTF-8 (in a spreadsheet application: “CSV ',
    'UTF-8”). Then choose it again.',
  ),
  fileEmpty: 'The file is empty.',

  headerTooLong: 'The first line, with the column names, is too long. Check that the file has line breaks.',
  headerOnly: 'The file has a header row and no rows below it.',
  tooManyColumns: joinText(
    'The file has more than {max} columns. Check that the separator is correct, or export only the ',
    'columns of a session.',
  ),
  tooManyKeys: 'The sessions have more than {max} keys. Export only the fields of a session.',
  columnMissing: 'The file has no column “{column}”. Its columns: {columns}.',
  idColumnUnknown: 'No column is selected for the session ID. Select the column that holds it: {columns}.',
  /** Inside `columnMissing` and `idColumnUnknown`: the first columns and the number of the others. */
  columnsAndMore: '{columns} and {count} more',
  /** Inside `columnMissing` and `idColumnUnknown`: the file has no columns. */
  columnsNone: 'none',

  lineTooLong:
    'This line is longer than {max} characters. Check that the file has line breaks and that the separator is correct.',
  quoteNotClosed:
    'A quoted value starts in this line and does not end. Add the closing quotation mark, or remove the opening one.',
  quoteMisplaced:
    'Text follows the closing quotation mark of a value. Inside a quoted value, write each quotation mark twice.',
  tooManyValues: joinText(
    'This line has {values} values, but the header row has {columns}. Put a value that contains the ',
    'separator in quotation marks.',
  ),

  jsonInvalid: 'This is not valid JSON. Correct it, or remove the line.',
  jsonLineTooLong: 'This line is longer than {max} characters. Put each session on its own line.',
  jsonStartInvalid: 'A JSON file must start with an opening square bracket or an opening curly bracket.',
  jsonIncomplete: 'The file ends in the middle of its list. Export it again, or copy all of it.',
  jsonTextAfterList: 'Text follows the end of the list. Remove it.',
  jsonListMissing: joinText(
    'This JSON holds no list of sessions. Choose a file that holds an array of objects, or an object ',
    'with such an array.',
  ),
  jsonElementMissing: 'A list element is missing after a comma.',
  jsonElementCommaMissing: 'A comma is missing between two list elements.',
  jsonElementTooLong:
    'The list element that starts here is longer than {max} characters. Check that the file holds a list of sessions.',
  jsonKeyMissing: 'A key in quotation marks is expected here.',
  jsonKeyCommaMissing: 'A comma is missing between two keys.',
  jsonColonMissing: 'A colon is expected after the key.',
  sessionNotObject: 'A session must be a JSON object. This value is not an object.',

  idMissing: 'The session ID is missing.',
  idTooLong: 'The session ID is longer than {max} characters. Enter only the ID.',
  idIsUrl: 'This is a URL, not a session ID. If the suggested ID is correct, enter only that ID.',
  idBetweenSpaces: 'The session ID has spaces before or after it. If the suggested ID is correct, enter only that ID.',
  idHasSpaces: 'The session ID contains spaces. Enter only the ID.',
  idHasForbiddenCharacters: 'The session ID contains other characters than letters, digits, hyphens and underscores.',
  idHasInvisibleCharacters: 'The session ID contains invisible characters. Copy it again.',
  idSuggestionUsed: 'The suggested ID was used, as you selected.',
  /** `warning` states which format the provider’s session IDs have. The session is imported. */
  idUnusual: 'This session ID has an unusual format. {warning}',

  valueHasControlCharacters: '{field}: the value contains line breaks or invisible characters. Remove them.',
  valueTooLong: '{field}: the value is longer than {max} characters. Shorten it.',
  /** The `field` of `valueTooLong`. */
  fieldReference: 'Reference',
  fieldStatus: 'Status',
  fieldStatusDetail: 'Status detail',
  fieldSubAccount: 'Sub-account',

  amountInvalid:
    'This is not an amount. Enter only digits, for example 1234.56, and put the currency in a column of its own.',
  amountNegative: 'The amount is negative. Correct it.',
  /** The formats are written as examples: 1234.56, 1.234,56 and 1,234.56. */
  amountOtherFormat: joinText(
    'This amount does not have the selected format “{format}”. In the format “{otherFormat}” it is ',
    '{value}. Select the format for the entire file, or correct the amount.',
  ),
  amountTwoFormats: joinText(
    'This amount does not have the selected format “{format}”. In the format “{firstFormat}” it is ',
    '{firstValue}. In the format “{secondFormat}” it is {secondValue}. Select the format for the entire ',
    'file, or correct the amount.',
  ),
  currencyUnknown: 'This is not a currency code. Enter a three-letter ISO 4217 code, for example CAD or IDR.',

  timeFormatUnsupported: 'This time does not have a supported format. Enter it as 2026-11-20T14:02:00Z.',
  timeZoneMissing:
    'This time has no time zone. Enter it as 2026-11-20T14:02:00Z, or select the time zone for the entire file.',
  timeNotExisting: 'This date or time does not exist.',
  timeInFuture: 'This time is in the future. Check the date, the time zone and the clock of this computer.',

  /** The session is imported with the status “unknown”. */
  statusUnknown: 'Session Desk does not know this status. The session is shown as unknown until its status is checked.',
  /** `products` are the values that the file may hold, such as geft. */
  productUnknown: 'This connection does not have this product. Its products: {products}.',
} as const;
