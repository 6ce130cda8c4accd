/**
 * XML as routers write it, read with fast-xml-parser, and with a tolerant scanner where that refuses. No document type
 * declarations, no entities but the five of XML and numeric ones; size, depth and number of elements are bounded.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { decodeText } from './bytes.ts';
import { WireError, type Decoded } from './wire-error.ts';
import {
  ElementDraft,
  MAX_DEPTH,
  MAX_ELEMENTS,
  MAX_SIZE,
  scanXml,
  withoutForbidden,
  type XmlElement,
} from './xml-scanner.ts';

export type { XmlElement } from './xml-scanner.ts';

const TEXT = '#text';
const CHARACTER_DATA = '#cdata';
const ATTRIBUTES = ':@';

/** The parser counts an element's attributes again for each of its children: with many of both it takes minutes. Documents
 * that may have more are left to the scanner, which reads them just as well. */
const MAX_EQUALS_SIGNS = 100;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  textNodeName: TEXT,
  cdataPropName: CHARACTER_DATA,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // Resolved by ElementDraft, alike for both parsers.
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MAX_DEPTH,
  jPath: false,
});

/** Any bytes or text to the root element, junk around the XML ignored (X1–X5). */
export function parseXml(input: Uint8Array | string): Decoded<XmlElement> {
  const whole = typeof input === 'string' ? input : decodeText(input);
  const start = whole.indexOf('<');
  if (start < 0) return new WireError('no XML', input);
  const text = whole.slice(start, whole.lastIndexOf('>') + 1);
  if (text.length > MAX_SIZE) return new WireError('XML too long', text);
  const root = parseStrictly(text) ?? scanXml(text);
  return root instanceof WireError ? new WireError(root.message, input) : root;
}

/** `undefined` when the text is not well-formed, or is nothing that the parser should see at all. */
function parseStrictly(text: string): XmlElement | undefined {
  // Document types and entities above all; the parser would take some others for elements.
  if (/<!(?!--|\[CDATA\[)/.test(text)) return undefined;
  if (hasMore(text, /<[^/!?]/g, MAX_ELEMENTS) || hasMore(text, /=/g, MAX_EQUALS_SIGNS)) return undefined;
  try {
    if (XMLValidator.validate(text) !== true) return undefined;
    return rootOf(parser.parse(text));
  } catch {
    return undefined;
  }
}

function hasMore(text: string, pattern: RegExp, most: number): boolean {
  let count = 0;
  for (const _found of text.matchAll(pattern)) {
    count += 1;
    if (count > most) return true;
  }
  return false;
}

function rootOf(nodes: unknown): XmlElement | undefined {
  const holder = new ElementDraft('');
  return fill(holder, nodes, MAX_DEPTH) ? holder.children[0] : undefined;
}

/** @returns whether all of it fitted into `depth` levels */
function fill(parent: ElementDraft, nodes: unknown, depth: number): boolean {
  if (!Array.isArray(nodes)) return true;
  for (const node of nodes) {
    for (const [key, value] of entriesOf(node)) {
      if (key === TEXT) {
        if (typeof value === 'string') parent.addText(value);
      } else if (key === CHARACTER_DATA) {
        parent.addCharacterData(characterData(value));
      } else if (key !== ATTRIBUTES) {
        const element = new ElementDraft(key);
        for (const [name, text] of entriesOf(attributesOf(node))) {
          if (typeof text === 'string') element.addAttribute(name, text);
        }
        if (depth === 0 || !fill(element, value, depth - 1)) return false;
        parent.children.push(element);
      }
    }
  }
  return true;
}

function entriesOf(node: unknown): [string, unknown][] {
  return typeof node === 'object' && node !== null ? Object.entries(node) : [];
}

function attributesOf(node: unknown): unknown {
  return typeof node === 'object' && node !== null && ATTRIBUTES in node ? node[ATTRIBUTES] : undefined;
}

function characterData(nodes: unknown): string {
  if (!Array.isArray(nodes)) return '';
  return nodes
    .flatMap((node) => entriesOf(node))
    .map(([, value]) => (typeof value === 'string' ? value : ''))
    .join('');
}

/** The first child of that local name, letter case not minded. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => isNamed(child, name));
}

/** Text of the first child of that name; `''` when there is none. */
export function textOf(element: XmlElement, name: string): string {
  return childOf(element, name)?.text ?? '';
}

/** Every element of that name beneath `element`, itself not among them, in document order. */
export function* descendantsOf(element: XmlElement, name: string): Generator<XmlElement, void> {
  for (const child of element.children) {
    if (isNamed(child, name)) yield child;
    yield* descendantsOf(child, name);
  }
}

/** By local name, letter case not minded; listed as they were first spelled. */
export class ByName<Value> extends Map<string, Value> {
  /** Lower case → as spelled. */
  readonly #spelled = new Map<string, string>();

  override get(name: string): Value | undefined {
    return super.get(this.#known(name));
  }

  override has(name: string): boolean {
    return super.has(this.#known(name));
  }

  override set(name: string, value: Value): this {
    const known = this.#known(name);
    this.#spelled.set(known.toLowerCase(), known);
    return super.set(known, value);
  }

  #known(name: string): string {
    return this.#spelled.get(name.toLowerCase()) ?? name;
  }
}

export function isNamed(element: XmlElement, name: string): boolean {
  return element.name === name || element.name.toLowerCase() === name.toLowerCase();
}

/** For text between tags; quotes stay, since some routers do not resolve `&quot;` (X30). */
export function escapeXml(text: string): string {
  return withoutForbidden(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
