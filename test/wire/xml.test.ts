import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WireError } from '../../main/wire/wire-error.ts';
import { scanXml } from '../../main/wire/xml-scanner.ts';
import { childOf, descendantsOf, escapeXml, parseXml, textOf, type XmlElement } from '../../main/wire/xml.ts';
import { routerFixture, routerFixtures } from '../support/router-fixtures.ts';
import { mutated, noise } from '../support/untrusted-bytes.ts';

interface Plain {
  readonly name: string;
  readonly attributes: readonly (readonly [string, string])[];
  readonly text: string;
  readonly children: readonly Plain[];
}

function plain(element: XmlElement): Plain {
  const { name, text, attributes, children } = element;
  return { name, attributes: [...attributes], text, children: children.map(plain) };
}

function parsed(input: Uint8Array | string): XmlElement {
  const element = parseXml(input);
  if (element instanceof WireError) throw element;
  return element;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('well-formed XML', () => {
  it('gives elements by local name, with attributes, text and CDATA', () => {
    const root = parsed(
      '<?xml version="1.0"?><s:a xmlns:s="urn:x" xmlns="urn:y" s:id="1 &amp; 2"><b> one <!-- no --> two</b><b><![CDATA[&lt;]]></b></s:a>',
    );
    expect(plain(root)).toEqual({
      name: 'a',
      attributes: [['id', '1 & 2']],
      text: '',
      children: [
        { name: 'b', attributes: [], text: 'one  two', children: [] },
        { name: 'b', attributes: [], text: '&lt;', children: [] },
      ],
    });
    expect(childOf(root, 'b')?.text).toBe('one  two');
    expect(root.children.filter((child) => child.name === 'b')).toHaveLength(2);
    expect(textOf(root, 'missing')).toBe('');
  });

  it('keeps numbers as they are written', () => {
    expect(parsed('<a>007</a>').text).toBe('007');
    expect(parsed('<a>0x10</a>').text).toBe('0x10');
    expect(parsed('<a>1e5</a>').text).toBe('1e5');
  });

  it('resolves the five entities and numeric references once, and nothing else', () => {
    expect(parsed('<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;</a>').text).toBe('<>&"\'AB');
    expect(parsed('<a>&amp;lt;</a>').text).toBe('&lt;');
    expect(parsed('<a>&nbsp;&x;</a>').text).toBe('&nbsp;&x;');
    expect(parsed('<a>x&#0;&#27;&#xD800;&#99999999;y</a>').text).toBe('x&#99999999;y');
  });

  it('takes names that mean something to JavaScript', () => {
    const root = parsed('<constructor><__proto__ toString="1">x</__proto__></constructor>');
    expect(root.children.map((child) => [child.name, child.text, child.attributes.get('toString')])).toEqual([
      ['__proto__', 'x', '1'],
    ]);
  });

  it('finds descendants in document order', () => {
    const root = parsed('<r><x>1<x>2</x></x><y><x>3</x></y></r>');
    expect([...descendantsOf(root, 'x')].map((element) => element.text)).toEqual(['1', '2', '3']);
  });
});

describe('XML as routers send it', () => {
  it('trims NUL, junk and byte order mark around the document (X1)', () => {
    expect(parsed(routerFixture('description-junk-around.xml')).name).toBe('root');
    expect(parsed(bytes('\u0000 noise <a>1</a>\u0000\u0000 noise')).text).toBe('1');
  });

  it('reads what is not well-formed (X2)', () => {
    const root = parsed('<r><a>fish & chips<b k=v w="x>2</b><c>3</r>');
    expect([...descendantsOf(root, 'c')].map((element) => element.text)).toEqual(['3']);
    expect(textOf(parsed('<r><a>1<b>2</b></r>'), 'a')).toBe('1');
    expect(textOf(parsed('<r><a>1 < 2</a><b>2</b></r>'), 'b')).toBe('2');
    expect(textOf(parsed('<r></nobody><b>2</b>'), 'b')).toBe('2');
    expect(textOf(parsed('<r><a>A\u0001B\u0000</a>&</r>'), 'a')).toBe('AB');
  });

  it('does not take a value that was cut off for a whole one', () => {
    expect(textOf(parsed('<r><port>2222'), 'port')).toBe('');
    expect(textOf(parsed('<r><port>2222</po'), 'port')).toBe('');
  });

  it('takes tags that nobody closed as closed where their parent is', () => {
    const root = parsed(routerFixture('description-unclosed-tag.xml'));
    expect([...descendantsOf(root, 'modelName')][0]?.text).toBe('Archer C9');
    expect([...descendantsOf(root, 'modelDescription')][0]?.text).toBe('Wireless & Gigabit');
  });

  it('matches names with undeclared prefixes (X3) and trims every value (X4)', () => {
    const root = parsed(routerFixture('description-tags-in-odd-order.xml'));
    expect([...descendantsOf(root, 'controlURL')][0]?.text).toBe('/upnp/control/WANIPConnection');
  });

  it('reads Latin-1 under a UTF-8 label (X5)', () => {
    const root = parsed(routerFixture('description-latin1-labelled-utf8.xml'));
    expect([...descendantsOf(root, 'friendlyName')][0]?.text).toBe('Boîte à Internet');
  });
});

describe('hostile XML', () => {
  it('is refused when it declares a document type', () => {
    expect(parseXml(routerFixture('description-entity-bomb.xml'))).toBeInstanceOf(WireError);
    expect(parseXml('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a>&x;</a>')).toBeInstanceOf(WireError);
    expect(parseXml('<!ENTITY x "y"><a/>')).toBeInstanceOf(WireError);
  });

  it.each([
    ['nesting', '<a>'.repeat(100_000)],
    ['balanced nesting', '<a>'.repeat(65) + '</a>'.repeat(65)],
    ['elements', `<r>${'<a/>'.repeat(25_000)}</r>`],
    ['size', `<r>${'x'.repeat(1024 * 1024)}</r>`],
  ])('is refused for too much %s', (_what, text) => {
    expect(parseXml(text)).toBeInstanceOf(WireError);
  });

  it.each([
    ['opened attribute values', `<r>${'<a b="'.repeat(100_000)}</r>`],
    ['mixed quotes', `<r>${`<a b="'`.repeat(100_000)}</r>`],
    ['unclosed comments', `<r>${'<!--'.repeat(150_000)}</r>`],
    ['unclosed CDATA', `<r>${'<![CDATA['.repeat(80_000)}</r>`],
    ['end tags without start', `<r>${'</x>'.repeat(200_000)}</r>`],
    ['processing instructions', `<r>${'<?'.repeat(300_000)}</r>`],
    ['ampersands', `<r>${'&#'.repeat(400_000)}</r>`],
    ['attributes', `<r ${'a="1" '.repeat(150_000)}>x</r>`],
    ['blanks in a tag', `<r${' '.repeat(800_000)}x</r>`],
    ['equals signs', `<r ${'= '.repeat(400_000)}>x</r>`],
    ['less-than signs', `<r>${'<'.repeat(900_000)}>`],
    ['a long name', `<${'a'.repeat(900_000)}>`],
  ])('costs no more than its length: %s', (_what, text) => {
    const outcome = parseXml(text);
    expect(outcome instanceof WireError || outcome.name.length > 0).toBe(true);
  });

  it('takes no markup declaration for an element', () => {
    const outcome = parseXml('<!<b />');
    expect(outcome instanceof WireError || !outcome.name.includes('<')).toBe(true);
  });

  it('never throws, and keeps its bounds, whatever the bytes', () => {
    const pieces = [
      '<',
      '>',
      '</',
      '/>',
      '<a',
      '<b ',
      '</a>',
      '="',
      "'",
      '&',
      '&#',
      ';',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '<?',
      '<!',
    ];
    const valid = [...routerFixtures('description-'), ...routerFixtures('soap-')].map(([, content]) => content);
    fc.assert(
      fc.property(fc.oneof(noise(pieces), mutated(valid)), (input) => {
        const outcome = parseXml(input);
        if (outcome instanceof WireError) return outcome.capture.length <= 512;
        return [...descendantsOf(outcome, 'a'), outcome].every((element) => !/[\0-\x08<>]/.test(element.name));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the two parsers', () => {
  const name = fc.constantFrom('a', 'b', 'root', 's:Body', 'NewInternalClient', 'x-y.z_1');
  const value = fc.string({ unit: 'grapheme-ascii', maxLength: 20 });
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc
      .record({
        name,
        attribute: fc.option(value),
        parts: fc.array(
          fc.oneof(
            { maxDepth: 6 },
            value.map(escapeXml),
            value.map((text) => `<![CDATA[${text.replaceAll(']]>', '')}]]>`),
            fc.constant('<!-- <a> -->'),
            tie('tree'),
          ),
          { maxLength: 4 },
        ),
      })
      .map(({ name, attribute, parts }) => {
        const quoted = attribute === null ? '' : ` k="${escapeXml(attribute).replaceAll('"', '&quot;')}"`;
        return parts.length === 0 ? `<${name}${quoted}/>` : `<${name}${quoted}>${parts.join('')}</${name}>`;
      }),
  }));

  it('agree on everything well-formed', () => {
    fc.assert(
      fc.property(tree, (text) => {
        const scanned = scanXml(text);
        expect(scanned).not.toBeInstanceOf(WireError);
        if (!(scanned instanceof WireError)) expect(plain(scanned)).toEqual(plain(parsed(text)));
      }),
      { numRuns: 500 },
    );
  });

  it.each(routerFixtures('description-f'))('agree on %s', (_name, content) => {
    const text = new TextDecoder().decode(content);
    const scanned = scanXml(text);
    expect(scanned instanceof WireError ? scanned : plain(scanned)).toEqual(plain(parsed(text)));
  });
});

describe('escaping', () => {
  it('touches only & < > (X30) and drops what XML forbids', () => {
    expect(escapeXml(`<a href="x">'&'</a>\u0000\u001f\uFFFE`)).toBe(`&lt;a href="x"&gt;'&amp;'&lt;/a&gt;`);
  });

  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const wanted = text.replaceAll(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '').trim();
        const back = parsed(bytes(`<a>${escapeXml(text)}</a>`)).text;
        // XML 1.0 §2.11: line ends become LF.
        expect(back).toBe(wanted.replaceAll(/\r\n?/g, '\n').trim());
      }),
    );
  });
});
