/** A forward as the single mappings that a gateway knows. */
import { mappingIdOf, type Forward } from '../contract/model.ts';
import { port } from '../contract/units.ts';
import type { MappingSpec } from './state.ts';

/** In the order of ports, TCP before UDP. IPv6 is not translated: its external port is the internal one. */
export function specsOf(forward: Forward): readonly MappingSpec[] {
  const specs: MappingSpec[] = [];
  const { external, internal } = forward;
  const names = new Set([forward.profile ?? '', forward.label]);
  for (let offset = 0; offset <= external.last - external.first; offset++) {
    for (const family of forward.families) {
      for (const transport of forward.transports) {
        const inner = port(internal.first + offset);
        const outer = family === 'ipv6' ? inner : port(external.first + offset);
        specs.push({
          id: mappingIdOf(forward.id, family, transport, outer),
          forward: forward.id,
          label: [...names].join(' ').trim(),
          family,
          transport,
          external: { port: outer },
          internal: { client: internal.client, port: inner },
          lease: forward.lease,
          ifTaken: forward.ifTaken,
          gateway: forward.gateway,
          interfaceName: forward.interfaceName,
          sharesInternalPort: false,
        });
      }
    }
  }
  return specs;
}

/** Does what a gateway holds still serve the wish? */
export function sameWish(a: MappingSpec, b: MappingSpec): boolean {
  return (
    a.family === b.family &&
    a.transport === b.transport &&
    a.external.port === b.external.port &&
    a.internal.client === b.internal.client &&
    a.internal.port === b.internal.port &&
    a.gateway === b.gateway &&
    a.interfaceName === b.interfaceName
  );
}

/**
 * Description in the router's table: the key facts in the first 11 characters, plain ASCII, never empty, unique per
 * transport (C17, C25, C26, X30).
 */
export function descriptionOf(spec: Pick<MappingSpec, 'external' | 'transport' | 'label'>): string {
  const label = spec.label
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9 .-]/g, '')
    .trim();
  return `${descriptionPrefix(spec)}${label === '' ? '' : ` ${label}`}`.slice(0, 40).trim();
}

export function descriptionPrefix(spec: Pick<MappingSpec, 'external' | 'transport'>): string {
  return `PK-${spec.external.port}${spec.transport === 'tcp' ? 'T' : 'U'}`;
}

/** People's label in a text of ours; any other text as it is. */
export function labelOf(description: string): string {
  return looksOurs(description) ? description.replace(/^\S+ (?=.)/, '') : description;
}

/** Was an entry with this text made by Portkeeper? Routers cut and change texts (C25): a hint, never proof alone. */
export function looksOurs(description: string): boolean {
  return /^PK-\d{1,5}[TU](?: |$)/.test(description);
}
