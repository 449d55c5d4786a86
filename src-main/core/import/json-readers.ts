import { createMessage, type Message } from '../../contract/index.ts';
import { parseObjectRecord } from './json-record.ts';
import { maxRecordLength, type ParsedRecord, type Position, type RecordReader } from './record-reader.ts';

const charCode = (character: string): number => character.charCodeAt(0);
const [quote, backslash, comma, colon] = [charCode('"'), charCode('\\'), charCode(','), charCode(':')];
const [openBracket, closeBracket, openBrace, closeBrace] = [charCode('['), charCode(']'), charCode('{'), charCode('}')];

/**
 * The `outer_` states belong to the object around the array: the reader skips its keys until one holds an array whose
 * first element is an object, such as `sessions`.
 */
type State =
  | 'begin'
  | 'element_or_end'
  | 'element'
  | 'comma_or_end'
  | 'in_element'
  | 'after'
  | 'outer_key'
  | 'outer_colon'
  | 'outer_value'
  | 'outer_in_value'
  | 'outer_comma'
  | 'array_peek'
  | 'ignoring_rest';

/**
 * Splits a JSON array, or the first array of objects in a JSON object, into its elements, with one element in memory.
 * An element that is not valid JSON becomes an `invalid` record; a syntax error between elements becomes a `fatal` one.
 * A streaming parser such as @streamparser/json ends at the first invalid element, and does not count lines.
 */
export class JsonArrayReader implements RecordReader {
  #state: State = 'begin';
  #line = 1;
  #column = 1;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #elementText = '';
  #elementPosition = { line: 1, column: 1 };
  /** Whether the value started with a bracket; otherwise it ends at the next comma, bracket or space. */
  #isNested = false;
  #hasReadElement = false;
  /** Whether the array is inside an object. */
  #isInsideObject = false;
  /** Whether no key of the outer object was read yet. */
  #isOuterObjectEmpty = true;
  /** What follows the outer string or value that is skipped: the colon after a key, or a comma. */
  #stateAfterValue: 'outer_colon' | 'outer_comma' = 'outer_comma';

  push(text: string): ParsedRecord[] {
    const records: ParsedRecord[] = [];
    let elementStart = 0;
    for (let offset = 0; offset < text.length && this.#state !== 'ignoring_rest'; offset += 1) {
      const character = text.charCodeAt(offset);
      const previousState = this.#state;
      if (!this.#step(character, records, () => text.slice(elementStart, offset))) return records;
      if (previousState !== 'in_element' && this.#state === 'in_element') elementStart = offset;
      if (character === 0x0a) {
        this.#line += 1;
        this.#column = 1;
      } else {
        this.#column += 1;
      }
    }
    if (this.#state === 'in_element') {
      this.#elementText += text.slice(elementStart);
      if (this.#elementText.length > maxRecordLength) this.#failElementTooLong(records);
    }
    return records;
  }

  end(): ParsedRecord[] {
    const records: ParsedRecord[] = [];
    if (this.#state !== 'after' && this.#state !== 'ignoring_rest') {
      this.#fail(records, createMessage(this.#state === 'begin' ? 'import.fileEmpty' : 'import.jsonIncomplete'));
    } else if (this.#state === 'ignoring_rest' && !this.#hasReadElement && this.#depth === -1) {
      this.#fail(records, createMessage('import.jsonListMissing'));
    }
    return records;
  }

  position(): Position {
    return { line: this.#line, column: this.#column };
  }

  /**
   * Processes one character. `getElementText` returns the text of the current chunk that belongs to the element.
   * Returns false if nothing more can be read.
   */
  #step(character: number, records: ParsedRecord[], getElementText: () => string): boolean {
    switch (this.#state) {
      case 'in_element':
        if (this.#continuesValue(character)) return true;
        if (!this.#finishElement(records, getElementText())) return false;
        // The comma, bracket or space that ended the element belongs to the array.
        this.#state = 'comma_or_end';
        return this.#step(character, records, getElementText);
      case 'outer_in_value':
        if (this.#continuesValue(character)) return true;
        this.#state = 'outer_comma';
        return this.#step(character, records, getElementText);
      default:
        return isWhitespace(character) || this.#stepOutsideValue(character, records);
    }
  }

  #stepOutsideValue(character: number, records: ParsedRecord[]): boolean {
    switch (this.#state) {
      case 'begin':
        if (character === openBracket) return this.#transitionTo('element_or_end');
        if (character === openBrace) return this.#transitionTo('outer_key');
        return this.#fail(records, createMessage('import.jsonStartInvalid'));
      case 'array_peek':
        // Only an array of objects can be the list of sessions; any other array is skipped like other values.
        if (character === openBrace) return this.#beginElement(character);
        this.#depth = 1;
        this.#isNested = true;
        this.#isInString = false;
        this.#state = 'outer_in_value';
        if (!this.#continuesValue(character)) this.#state = 'outer_comma';
        return true;
      case 'element_or_end':
        return character === closeBracket ? this.#transitionTo('after') : this.#beginElement(character);
      case 'element':
        return character === closeBracket || character === comma
          ? this.#fail(records, createMessage('import.jsonElementMissing'))
          : this.#beginElement(character);
      case 'comma_or_end':
        if (character === comma) return this.#transitionTo('element');
        if (character === closeBracket) return this.#transitionTo(this.#isInsideObject ? 'ignoring_rest' : 'after');
        return this.#fail(records, createMessage('import.jsonElementCommaMissing'));
      case 'after':
        return this.#fail(records, createMessage('import.jsonTextAfterList'));
      case 'outer_key':
        if (character === closeBrace && this.#isOuterObjectEmpty) return this.#endWithoutList();
        if (character !== quote) return this.#fail(records, createMessage('import.jsonKeyMissing'));
        this.#isOuterObjectEmpty = false;
        this.#isNested = false;
        this.#isInString = true;
        this.#isEscaped = false;
        this.#stateAfterValue = 'outer_colon';
        return this.#transitionTo('outer_in_value');
      case 'outer_colon':
        return character === colon
          ? this.#transitionTo('outer_value')
          : this.#fail(records, createMessage('import.jsonColonMissing'));
      case 'outer_value':
        if (character === openBracket) {
          this.#isInsideObject = true;
          return this.#transitionTo('array_peek');
        }
        this.#beginValue(character);
        this.#stateAfterValue = 'outer_comma';
        return this.#transitionTo('outer_in_value');
      case 'outer_comma':
        if (this.#stateAfterValue === 'outer_colon') {
          this.#stateAfterValue = 'outer_comma';
          this.#state = 'outer_colon';
          return this.#stepOutsideValue(character, records);
        }
        if (character === comma) return this.#transitionTo('outer_key');
        if (character === closeBrace) return this.#endWithoutList();
        return this.#fail(records, createMessage('import.jsonKeyCommaMissing'));
      default:
        return true;
    }
  }

  #transitionTo(state: State): true {
    this.#state = state;
    return true;
  }

  #endWithoutList(): true {
    this.#depth = -1;
    return this.#transitionTo('ignoring_rest');
  }

  #beginElement(character: number): true {
    this.#elementText = '';
    this.#elementPosition = { line: this.#line, column: this.#column };
    this.#beginValue(character);
    return this.#transitionTo('in_element');
  }

  #beginValue(character: number): void {
    this.#isNested = character === openBracket || character === openBrace;
    this.#depth = this.#isNested ? 1 : 0;
    this.#isInString = character === quote;
    this.#isEscaped = false;
  }

  /** Whether the character belongs to the value, including its last bracket or quotation mark. */
  #continuesValue(character: number): boolean {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (character === backslash) this.#isEscaped = true;
      else if (character === quote) this.#isInString = false;
      return true;
    }
    if (!this.#isNested) return !endsPrimitive(character);
    if (this.#depth === 0) return false;
    if (character === quote) this.#isInString = true;
    else if (character === openBracket || character === openBrace) this.#depth += 1;
    else if (character === closeBracket || character === closeBrace) this.#depth -= 1;
    return true;
  }

  #finishElement(records: ParsedRecord[], text: string): boolean {
    const { line, column } = this.#elementPosition;
    const element = this.#elementText + text;
    if (element.length > maxRecordLength) return this.#failElementTooLong(records);
    records.push(parseObjectRecord(element, line, column));
    this.#elementText = '';
    this.#hasReadElement = true;
    return true;
  }

  #failElementTooLong(records: ParsedRecord[]): false {
    const reason = createMessage('import.jsonElementTooLong', { max: maxRecordLength });
    return this.#fail(records, reason, this.#elementPosition);
  }

  #fail(
    records: ParsedRecord[],
    reason: Message,
    position: { line: number; column: number } = { line: this.#line, column: this.#column },
  ): false {
    records.push({ kind: 'fatal', ...position, reason });
    this.#state = 'ignoring_rest';
    return false;
  }
}

/** Whether the character ends a number or a literal. */
function endsPrimitive(character: number): boolean {
  return (
    character === comma ||
    character === colon ||
    character === closeBracket ||
    character === closeBrace ||
    isWhitespace(character)
  );
}

function isWhitespace(character: number): boolean {
  return character === 0x20 || character === 0x0a || character === 0x0d || character === 0x09;
}

/** Reads JSON Lines: one object per line, with LF or CR LF. Skips empty lines. */
export class JsonLinesReader implements RecordReader {
  #buffer = '';
  #line = 1;
  #isSkippingLine = false;

  push(text: string): ParsedRecord[] {
    this.#buffer += text;
    const records: ParsedRecord[] = [];
    let offset = 0;
    for (let end = this.#buffer.indexOf('\n'); end !== -1; end = this.#buffer.indexOf('\n', offset)) {
      this.#readLine(this.#buffer.slice(offset, end), records);
      this.#isSkippingLine = false;
      this.#line += 1;
      offset = end + 1;
    }
    this.#buffer = this.#buffer.slice(offset);
    if (this.#buffer.length > maxRecordLength) {
      this.#readLine(this.#buffer, records);
      this.#isSkippingLine = true;
      this.#buffer = '';
    }
    return records;
  }

  end(): ParsedRecord[] {
    const records: ParsedRecord[] = [];
    this.#readLine(this.#buffer, records);
    this.#buffer = '';
    return records;
  }

  position(): Position {
    return { line: this.#line, column: null };
  }

  #readLine(text: string, records: ParsedRecord[]): void {
    if (this.#isSkippingLine || text.trim() === '') return;
    if (text.length > maxRecordLength) {
      const reason = createMessage('import.jsonLineTooLong', { max: maxRecordLength });
      records.push({ kind: 'invalid', line: this.#line, column: 1, reason });
      return;
    }
    records.push(parseObjectRecord(text, this.#line, 1));
  }
}
