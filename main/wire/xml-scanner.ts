/**
 * A tolerant tag scanner for XML that is not well-formed (X2): unclosed and wrongly nested tags, stray `&` and `<`,
 * attributes without quotes, control characters, a document that breaks off. Linear in its input; knows no DTD.
 */
import { WireError, type Decoded } from './wire-error.ts';

const NAME_START = /[\p{L}_:]/u;
const NAME_END = /[\s<>/=]/g;
const VALUE_END = /[\s<>]/g;

export function scanXml(text: string): Decoded<XmlElement> {
  return new Scanner(text).scan();
}

class Scanner {
  readonly #text: string;
  #at = 0;
  #count = 0;
  #attributes = 0;
  #root: ElementDraft | undefined;
  readonly #open: ElementDraft[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  scan(): Decoded<XmlElement> {
    while (this.#at < this.#text.length && (this.#root === undefined || this.#open.length > 0)) {
      const failure = this.#step();
      if (failure !== undefined) return failure;
    }
    return this.#root ?? new WireError('no XML element', this.#text);
  }

  #step(): WireError | undefined {
    const text = this.#text;
    if (text[this.#at] !== '<') {
      this.#takeText(this.#indexOf('<', this.#at));
    } else if (text.startsWith('<!--', this.#at)) {
      this.#skipPast('-->');
    } else if (text.startsWith('<![CDATA[', this.#at)) {
      const end = this.#indexOf(']]>', this.#at);
      this.#open.at(-1)?.addCharacterData(text.slice(this.#at + 9, end));
      this.#at = end + 3;
    } else if (text.startsWith('<!', this.#at)) {
      return new WireError('XML with a document type declaration', text);
    } else if (text.startsWith('<?', this.#at)) {
      this.#skipPast('>');
    } else if (text.startsWith('</', this.#at)) {
      this.#takeEndTag();
    } else if (NAME_START.test(text[this.#at + 1] ?? '')) {
      return this.#takeStartTag();
    } else {
      this.#takeText(this.#indexOf('<', this.#at + 1));
    }
    return undefined;
  }

  #takeText(end: number): void {
    this.#open.at(-1)?.addText(this.#text.slice(this.#at, end));
    this.#at = end;
  }

  #takeEndTag(): void {
    const end = this.#firstOf(NAME_END, this.#at + 2);
    const name = localName(this.#text.slice(this.#at + 2, end));
    this.#at = this.#firstOf(/[<>]/g, end);
    if (this.#text[this.#at] === '>') this.#at += 1;
    // An end tag without a start is passed over; one further out closes what was left open inside.
    const index = this.#open.findLastIndex((element) => element.name === name);
    if (index >= 0) this.#open.length = index;
  }

  #takeStartTag(): WireError | undefined {
    const end = this.#firstOf(NAME_END, this.#at + 1);
    const element = new ElementDraft(this.#text.slice(this.#at + 1, end));
    this.#count += 1;
    if (this.#count > MAX_ELEMENTS) return new WireError('XML with too many elements', this.#text);
    this.#at = end;
    const empty = this.#takeAttributes(element);
    if (this.#attributes > MAX_ATTRIBUTES) return new WireError('XML with too many attributes', this.#text);
    if (this.#root === undefined) this.#root = element;
    else this.#attach(element);
    if (empty) return undefined;
    this.#open.push(element);
    return this.#open.length > MAX_DEPTH ? new WireError('XML nested too deeply', this.#text) : undefined;
  }

  #attach(element: ElementDraft): void {
    this.#open.at(-1)?.children.push(element);
  }

  /** Up to and with the `>`, or up to the next `<` when that is missing. @returns whether the tag closes itself */
  #takeAttributes(element: ElementDraft): boolean {
    const text = this.#text;
    let slash = false;
    while (this.#at < text.length && this.#attributes <= MAX_ATTRIBUTES) {
      const char = text[this.#at] ?? '';
      if (char === '<') return slash;
      if (char === '>') {
        this.#at += 1;
        return slash;
      }
      slash = char === '/';
      if (slash || char === '=' || char.trim() === '') {
        this.#at += 1;
        continue;
      }
      const end = this.#firstOf(NAME_END, this.#at + 1);
      const name = text.slice(this.#at, end);
      this.#attributes += 1;
      this.#at = this.#firstOf(/\S/g, end);
      element.addAttribute(name, text[this.#at] === '=' ? this.#takeValue() : '');
    }
    return slash;
  }

  #takeValue(): string {
    const text = this.#text;
    const start = this.#firstOf(/\S/g, this.#at + 1);
    const quote = text[start];
    if (quote === '"' || quote === "'") {
      const close = text.indexOf(quote, start + 1);
      if (close >= 0) {
        this.#at = close + 1;
        return text.slice(start + 1, close);
      }
    }
    this.#at = this.#firstOf(VALUE_END, start);
    return text.slice(start, this.#at);
  }

  #skipPast(mark: string): void {
    this.#at = this.#indexOf(mark, this.#at) + mark.length;
  }

  #indexOf(mark: string, from: number): number {
    const index = this.#text.indexOf(mark, from);
    return index < 0 ? this.#text.length : index;
  }

  #firstOf(pattern: RegExp, from: number): number {
    pattern.lastIndex = from;
    return pattern.exec(this.#text)?.index ?? this.#text.length;
  }
}

export interface XmlElement {
  /** Local name: whatever prefix a router chose is gone (X3). */
  readonly name: string;
  /** By local name; namespace declarations are not among them. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The element's own text and CDATA, joined and trimmed (X4). */
  readonly text: string;
}

/** Nested elements; a description needs about ten. */
export const MAX_DEPTH = 64;
/** Enough for a table of 1000 port mappings. */
export const MAX_ELEMENTS = 20_000;
/** All elements together; `dt` types in a table of 1000 port mappings are 8000. */
export const MAX_ATTRIBUTES = 20_000;
/** In characters. */
export const MAX_SIZE = 1024 * 1024;

const REFERENCE = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos));/gi;
/** XML 1.0 §2.2 Char, negated. */
const FORBIDDEN = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** Without the characters that XML 1.0 §2.2 forbids. */
export function withoutForbidden(text: string): string {
  return text.replaceAll(FORBIDDEN, '');
}

/** Resolves the five named references of XML and numeric ones; any other stays as it stands (X2: stray `&`). */
export function decodeReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(REFERENCE, (whole: string, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED.get(name.toLowerCase()) ?? whole;
    const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return point <= 0x10_ffff ? String.fromCodePoint(point) : '';
  });
}

export function localName(qualified: string): string {
  return qualified.slice(qualified.lastIndexOf(':') + 1);
}

/** An element being filled. */
export class ElementDraft implements XmlElement {
  readonly name: string;
  readonly attributes = new Map<string, string>();
  readonly children: XmlElement[] = [];
  readonly #pieces: string[] = [];

  constructor(qualifiedName: string) {
    this.name = withoutForbidden(localName(qualifiedName));
  }

  get text(): string {
    return withoutForbidden(this.#pieces.join('')).trim();
  }

  addAttribute(qualifiedName: string, raw: string): void {
    if (qualifiedName === 'xmlns' || qualifiedName.startsWith('xmlns:')) return;
    this.attributes.set(localName(qualifiedName), withoutForbidden(decodeReferences(raw)).trim());
  }

  addText(raw: string): void {
    this.#pieces.push(decodeReferences(raw));
  }

  addCharacterData(raw: string): void {
    this.#pieces.push(raw);
  }
}
