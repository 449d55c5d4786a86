import { objectItem } from './json-record.ts';
import { longestRecord, type Item, type Place, type Reader } from './record-reader.ts';

const code = (character: string): number => character.charCodeAt(0);
const [quote, backslash, comma, colon] = [code('"'), code('\\'), code(','), code(':')];
const [openBracket, closeBracket, openBrace, closeBrace] = [code('['), code(']'), code('{'), code('}')];

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
  | 'rest';

/**
 * Splits a JSON array, or the first array of objects in a JSON object, into its elements without holding more than one of
 * them. An element that is no valid JSON is one bad line; a document that breaks between elements ends the reading.
 */
export class JsonArrayReader implements Reader {
  #state: State = 'begin';
  #line = 1;
  #column = 1;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #element = '';
  #elementPlace = { line: 1, column: 1 };
  /** Whether the element began with a bracket: else it ends where the next comma or bracket is. */
  #nested = false;
  #sawRow = false;
  /** Whether the list is inside an object, and whether that object has shown a key yet. */
  #outer = false;
  #outerIsEmpty = true;
  /** What follows the outer text or value being passed over: a key's colon, or the next key. */
  #afterValue: 'outer_colon' | 'outer_comma' = 'outer_comma';

  push(text: string): Item[] {
    const items: Item[] = [];
    let from = 0;
    for (let at = 0; at < text.length && this.#state !== 'rest'; at += 1) {
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
      this.#element += text.slice(from);
      if (this.#element.length > longestRecord) this.#stop(items, tooLong, this.#elementPlace);
    }
    return items;
  }

  end(): Item[] {
    const items: Item[] = [];
    if (this.#state !== 'after' && this.#state !== 'rest') {
      const cut = 'The file ends in the middle of its list. Export it again, or copy the whole of it.';
      this.#stop(items, this.#state === 'begin' ? 'The file is empty.' : cut);
    } else if (this.#state === 'rest' && !this.#sawRow && this.#depth === -1) {
      this.#stop(items, noList);
    }
    return items;
  }

  place(): Place {
    return { line: this.#line, column: this.#column };
  }

  /** False where the reading is over. */
  #step(character: number, items: Item[], textUpToHere: () => string): boolean {
    switch (this.#state) {
      case 'in_element':
        if (this.#inElement(character)) return true;
        if (!this.#finishElement(items, textUpToHere())) return false;
        // What ended it is a comma, a bracket or a space: it counts for the array.
        this.#state = 'comma_or_end';
        return this.#step(character, items, textUpToHere);
      case 'outer_in_value':
        if (this.#inElement(character)) return true;
        this.#state = 'outer_comma';
        return this.#step(character, items, textUpToHere);
      default:
        return isSpace(character) || this.#between(character, items);
    }
  }

  #between(character: number, items: Item[]): boolean {
    switch (this.#state) {
      case 'begin':
        if (character === openBracket) return this.#go('element_or_end');
        if (character === openBrace) return this.#go('outer_key');
        return this.#stop(items, 'A list of sessions in JSON begins with [ or {.');
      case 'array_peek':
        // Only an array of objects can be the list; any other is passed over like every other value.
        if (character === openBrace) return this.#beginElement(character);
        this.#depth = 1;
        this.#nested = true;
        this.#inString = false;
        this.#state = 'outer_in_value';
        if (!this.#inElement(character)) this.#state = 'outer_comma';
        return true;
      case 'element_or_end':
        return character === closeBracket ? this.#go('after') : this.#beginElement(character);
      case 'element':
        return character === closeBracket || character === comma
          ? this.#stop(items, 'An element is missing after a comma.')
          : this.#beginElement(character);
      case 'comma_or_end':
        if (character === comma) return this.#go('element');
        if (character === closeBracket) return this.#go(this.#outer ? 'rest' : 'after');
        return this.#stop(items, 'A comma is missing between two elements.');
      case 'after':
        return this.#stop(items, 'Something follows the end of the list.');
      case 'outer_key':
        if (character === closeBrace && this.#outerIsEmpty) return this.#noList();
        if (character !== quote) return this.#stop(items, 'A key in quotation marks belongs here.');
        this.#outerIsEmpty = false;
        this.#nested = false;
        this.#inString = true;
        this.#escaped = false;
        this.#afterValue = 'outer_colon';
        return this.#go('outer_in_value');
      case 'outer_colon':
        return character === colon ? this.#go('outer_value') : this.#stop(items, 'A colon belongs after a key.');
      case 'outer_value':
        if (character === openBracket) {
          this.#outer = true;
          return this.#go('array_peek');
        }
        this.#beginValue(character);
        this.#afterValue = 'outer_comma';
        return this.#go('outer_in_value');
      case 'outer_comma':
        if (this.#afterValue === 'outer_colon') {
          this.#afterValue = 'outer_comma';
          this.#state = 'outer_colon';
          return this.#between(character, items);
        }
        if (character === comma) return this.#go('outer_key');
        if (character === closeBrace) return this.#noList();
        return this.#stop(items, 'A comma is missing between two keys.');
      default:
        return true;
    }
  }

  #go(state: State): true {
    this.#state = state;
    return true;
  }

  #noList(): true {
    this.#depth = -1;
    return this.#go('rest');
  }

  #beginElement(character: number): true {
    this.#element = '';
    this.#elementPlace = { line: this.#line, column: this.#column };
    this.#beginValue(character);
    return this.#go('in_element');
  }

  #beginValue(character: number): void {
    this.#nested = character === openBracket || character === openBrace;
    this.#depth = this.#nested ? 1 : 0;
    this.#inString = character === quote;
    this.#escaped = false;
  }

  /** Whether the character still belongs to the value; its last bracket or quote does. */
  #inElement(character: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (character === backslash) this.#escaped = true;
      else if (character === quote) this.#inString = false;
      return true;
    }
    if (!this.#nested) return !endsPlain(character);
    if (this.#depth === 0) return false;
    if (character === quote) this.#inString = true;
    else if (character === openBracket || character === openBrace) this.#depth += 1;
    else if (character === closeBracket || character === closeBrace) this.#depth -= 1;
    return true;
  }

  #finishElement(items: Item[], text: string): boolean {
    const { line, column } = this.#elementPlace;
    const element = this.#element + text;
    if (element.length > longestRecord) return this.#stop(items, tooLong, this.#elementPlace);
    items.push(objectItem(element, line, column));
    this.#element = '';
    this.#sawRow = true;
    return true;
  }

  #stop(
    items: Item[],
    message: string,
    place: { line: number; column: number } = { line: this.#line, column: this.#column },
  ): false {
    items.push({ kind: 'end', ...place, message });
    this.#state = 'rest';
    return false;
  }
}

const tooLong = `An element longer than ${longestRecord.toLocaleString('en')} characters begins here. Check that this is a list of sessions.`;
const noList =
  'This JSON holds no list of sessions. Choose a file with an array of objects, or one object with such an array in it.';

/** Where a number or a word ends. */
function endsPlain(character: number): boolean {
  return (
    character === comma ||
    character === colon ||
    character === closeBracket ||
    character === closeBrace ||
    isSpace(character)
  );
}

function isSpace(character: number): boolean {
  return character === 0x20 || character === 0x0a || character === 0x0d || character === 0x09;
}
