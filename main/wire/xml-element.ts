/** The one shape of parsed XML, and the limits that every document must keep. */
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
/** Of all elements together; `dt` types in a table of 1000 port mappings are 8000. */
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
