/** Texts of the checks of this computer's way to the internet, in each language, and the report of them. */
import { causesOf, findingsOf } from '../diagnosis/ranking.ts';
import type { CheckName, DiagnosisView, Finding, FindingCatalogue } from '../diagnosis/findings.ts';
import type { Sentences } from '../problems.ts';
import type { Catalogue, Language } from './catalogues.ts';
import { FINDINGS_DE } from './findings-de.ts';
import { FINDINGS_EN } from './findings-en.ts';
import { withoutHidden } from './hidden.ts';
import { inOneLine } from './problems.ts';

const FINDINGS: Catalogue<FindingCatalogue> = { en: FINDINGS_EN, de: FINDINGS_DE };

const TITLES: Catalogue<Readonly<Record<CheckName, string>>> = {
  en: {
    network: 'Network',
    adapters: 'VPN and virtual adapters',
    blocking: 'Search for the router',
    protocols: 'UPnP, NAT-PMP and PCP',
    gateways: 'Routers',
    line: 'Public IP address',
    rules: 'Opening ports',
    programs: 'Programs',
    firewall: 'Firewall on this computer',
    hairpin: 'Loopback through the router',
    ipv6: 'IPv6',
    leases: 'Clock and router history',
  },
  de: {
    network: 'Netzwerk',
    adapters: 'VPN und virtuelle Adapter',
    blocking: 'Suche nach dem Router',
    protocols: 'UPnP, NAT-PMP und PCP',
    gateways: 'Router',
    line: 'Öffentliche IP-Adresse',
    rules: 'Ports öffnen',
    programs: 'Programme',
    firewall: 'Firewall dieses Computers',
    hairpin: 'Rückweg über den Router',
    ipv6: 'IPv6',
    leases: 'Uhr und Verlauf des Routers',
  },
};

export const checkTitle = (name: CheckName, language: Language): string => TITLES[language][name];

/** For a check that had nothing to look at. */
const NOTHING: Catalogue<string> = { en: 'Nothing to check.', de: 'Nichts zu prüfen.' };

const HEALTHY: Catalogue<string> = { en: 'No problem found.', de: 'Kein Problem gefunden.' };
const NOT_ALL: Catalogue<string> = {
  en: 'No problem found, but not everything could be checked.',
  de: 'Kein Problem gefunden, aber nicht alles ließ sich prüfen.',
};

const REPORT: Catalogue<{ readonly also: string; readonly checked: string }> = {
  en: { also: 'Because of this:', checked: 'What was checked' },
  de: { also: 'Deswegen auch:', checked: 'Was geprüft wurde' },
};

/** The sentences for a finding. */
export function explainFinding(finding: Finding, language: Language): Sentences {
  // A finding's code and parameters belong together; the type system cannot follow that through the table.
  const words = FINDINGS[language][finding.code] as (parameters: Finding['parameters']) => Sentences;
  const { what, why, todo } = words(finding.parameters);
  return { what: withoutHidden(what), why: withoutHidden(why), todo: withoutHidden(todo) };
}

/** When nothing keeps connections out. */
export function allClear({ checks }: Pick<DiagnosisView, 'checks'>, language: Language): string {
  const isUnknown = checks.some(({ findings = [] }) => findings.some(({ code }) => code === 'not-checked'));
  return (isUnknown ? NOT_ALL : HEALTHY)[language];
}

/** A sign that does not rely on colour. */
export function signOf(findings: readonly Finding[]): string {
  const has = (level: Finding['level']): boolean => findings.some((finding) => finding.level === level);
  return has('trouble') ? '✗' : has('hint') ? '!' : has('unknown') ? '?' : findings.length === 0 ? '–' : '✓';
}

/** Findings on several ports with the same words appear once. */
export function distinct(findings: readonly Finding[], language: Language): readonly Finding[] {
  const byText = new Map(findings.map((finding) => [JSON.stringify(explainFinding(finding, language)), finding]));
  return [...byText.values()];
}

/** The lines of one check. */
export function checkLines(findings: readonly Finding[], language: Language): readonly string[] {
  if (findings.length === 0) return [NOTHING[language]];
  return distinct(findings, language).map((finding) => {
    const sentences = explainFinding(finding, language);
    // Causes that keep connections out are explained above the list.
    return finding.level === 'hint' || finding.level === 'unknown' ? inOneLine(sentences) : sentences.what;
  });
}

/** A cause as it is said, or several that differ in nothing but what happened, such as the ports of one program. */
export interface ToldCause extends Omit<Sentences, 'what'> {
  readonly what: readonly [string, ...string[]];
  /** The first of them. */
  readonly finding: Finding;
  /** Consequences of it. */
  readonly effects: readonly string[];
}

/** Causes that keep connections out, the deepest first. */
export function toldCauses(view: Pick<DiagnosisView, 'checks'>, language: Language): readonly ToldCause[] {
  const causes = causesOf(findingsOf(view)).map((cause) => ({ ...cause, ...explainFinding(cause.finding, language) }));
  const alike = Map.groupBy(causes, ({ finding: { code }, why, todo }) => `${code} ${why} ${todo}`);
  return [...alike.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const { finding, what, why, todo } = first;
    const symptoms = [first, ...more].flatMap((cause) => cause.symptoms);
    const effects = new Set(symptoms.map((symptom) => explainFinding(symptom, language).what));
    return [{ finding, what: [what, ...more.map((cause) => cause.what)], why, todo, effects: [...effects] }];
  });
}

/** All of it as text: the cause in the first line, its symptoms beneath it, then each check. */
export function diagnosisLines(view: Pick<DiagnosisView, 'checks'>, language: Language): readonly string[] {
  const causes = toldCauses(view, language);
  const texts = REPORT[language];
  return [
    ...(causes.length === 0 ? [allClear(view, language)] : []),
    ...causes.flatMap(({ what, why, todo, effects }, at) => [
      ...(at === 0 ? [] : ['']),
      ...what,
      ...[why, todo].filter((text) => text !== '').map((text) => `  ${text}`),
      ...(effects.length === 0 ? [] : [`  ${texts.also}`]),
      ...effects.map((text) => `  - ${text}`),
    ]),
    '',
    `${texts.checked}:`,
    ...view.checks.flatMap(({ name, findings = [] }) => {
      const [first = '', ...others] = checkLines(findings, language);
      return [`${signOf(findings)} ${checkTitle(name, language)}: ${first}`, ...others.map((text) => `    ${text}`)];
    }),
  ];
}
