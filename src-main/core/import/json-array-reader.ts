import { parseObjectRecord } from './json-record.ts';
import { maxRecordLength, type ParsedRecord, type Position, type RecordReader } from './record-reader.ts';

const charCode = (character: string): number => character.charCodeAt(0);
const [quote, backslash, comma, colon] = [charCode('"'), charCode('\\'), charCode(','), charCode(':')];
const [openBracket, closeBracket, openBrace, closeBrace] = [charCode('['), charCode(']'), charCode('{'), charCode('}')];

/**
 * Where the reader stands. `outer` parts are of the object around the array: its keys are passed over until one holds an
 * array whose first element is an object, such as `sessions`.
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
 * Splits a JSON array, or the first array of objects in a JSON object, into its elements without holding more than one of
 * them. An element that is no valid JSON is one bad line; a document that breaks between elements ends the reading.
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
  /** Whether the element began with a bracket: else it ends where the next comma or bracket is. */
  #isNested = false;
  #hasReadElement = false;
  /** Whether the list is inside an object, and whether that object has shown a key yet. */
  #isInsideObject = false;
  #isOuterObjectEmpty = true;
  /** What follows the outer text or value being passed over: a key's colon, or the next key. */
  #stateAfterValue: 'outer_colon' | 'outer_comma' = 'outer_comma';

  push(text: string): ParsedRecord[] {
    const items: ParsedRecord[] = [];
    let from = 0;
    for (let at = 0; at < text.length && this.#state !== 'ignoring_rest'; at += 1) {
      const character = text.charCodeAt(at);
      const was = this.#state;
      if (!this.#step(character, items, () => text.slice(from, at))) return items;
      if (was !== 'in_element' && this.#state === 'in_element') from = at;
      if (character === 0x0a) {
        this.#line += 1;
        this.#column = 1;
      } else {
        this.#column += 1;
      }
    }
    if (this.#state === 'in_element') {
      this.#elementText += text.slice(from);
      if (this.#elementText.length > maxRecordLength) this.#fail(items, elementTooLongMessage, this.#elementPosition);
    }
    return items;
  }

  end(): ParsedRecord[] {
    const items: ParsedRecord[] = [];
    if (this.#state !== 'after' && this.#state !== 'ignoring_rest') {
      const cut = 'The file ends in the middle of its list. Export it again, or copy the whole of it.';
      this.#fail(items, this.#state === 'begin' ? 'The file is empty.' : cut);
    } else if (this.#state === 'ignoring_rest' && !this.#hasReadElement && this.#depth === -1) {
      this.#fail(items, noListMessage);
    }
    return items;
  }

  position(): Position {
    return { line: this.#line, column: this.#column };
  }

  /** False where the reading is over. */
  #step(character: number, items: ParsedRecord[], textUpToHere: () => string): boolean {
    switch (this.#state) {
      case 'in_element':
        if (this.#continuesValue(character)) return true;
        if (!this.#finishElement(items, textUpToHere())) return false;
        // What ended it is a comma, a bracket or a space: it counts for the array.
        this.#state = 'comma_or_end';
        return this.#step(character, items, textUpToHere);
      case 'outer_in_value':
        if (this.#continuesValue(character)) return true;
        this.#state = 'outer_comma';
        return this.#step(character, items, textUpToHere);
      default:
        return isWhitespace(character) || this.#stepOutsideValue(character, items);
    }
  }

  #stepOutsideValue(character: number, items: ParsedRecord[]): boolean {
    switch (this.#state) {
      case 'begin':
        if (character === openBracket) return this.#transitionTo('element_or_end');
        if (character === openBrace) return this.#transitionTo('outer_key');
        return this.#fail(items, 'A list of sessions in JSON begins with [ or {.');
      case 'array_peek':
        // Only an array of objects can be the list; any other is passed over like every other value.
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
          ? this.#fail(items, 'An element is missing after a comma.')
          : this.#beginElement(character);
      case 'comma_or_end':
        if (character === comma) return this.#transitionTo('element');
        if (character === closeBracket) return this.#transitionTo(this.#isInsideObject ? 'ignoring_rest' : 'after');
        return this.#fail(items, 'A comma is missing between two elements.');
      case 'after':
        return this.#fail(items, 'Something follows the end of the list.');
      case 'outer_key':
        if (character === closeBrace && this.#isOuterObjectEmpty) return this.#endWithoutList();
        if (character !== quote) return this.#fail(items, 'A key in quotation marks belongs here.');
        this.#isOuterObjectEmpty = false;
        this.#isNested = false;
        this.#isInString = true;
        this.#isEscaped = false;
        this.#stateAfterValue = 'outer_colon';
        return this.#transitionTo('outer_in_value');
      case 'outer_colon':
        return character === colon
          ? this.#transitionTo('outer_value')
          : this.#fail(items, 'A colon belongs after a key.');
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
          return this.#stepOutsideValue(character, items);
        }
        if (character === comma) return this.#transitionTo('outer_key');
        if (character === closeBrace) return this.#endWithoutList();
        return this.#fail(items, 'A comma is missing between two keys.');
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

  /** Whether the character still belongs to the value; its last bracket or quote does. */
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

  #finishElement(items: ParsedRecord[], text: string): boolean {
    const { line, column } = this.#elementPosition;
    const element = this.#elementText + text;
    if (element.length > maxRecordLength) return this.#fail(items, elementTooLongMessage, this.#elementPosition);
    items.push(parseObjectRecord(element, line, column));
    this.#elementText = '';
    this.#hasReadElement = true;
    return true;
  }

  #fail(
    items: ParsedRecord[],
    message: string,
    place: { line: number; column: number } = { line: this.#line, column: this.#column },
  ): false {
    items.push({ kind: 'fatal', ...place, message });
    this.#state = 'ignoring_rest';
    return false;
  }
}

const elementTooLongMessage = `An element longer than ${maxRecordLength.toLocaleString('en')} characters begins here. Check that this is a list of sessions.`;
const noListMessage =
  'This JSON holds no list of sessions. Choose a file with an array of objects, or one object with such an array in it.';

/** Where a number or a word ends. */
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
