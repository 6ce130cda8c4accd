/** The device description and the service descriptions of a simulated gateway (UPnP DA 1.1 §2, IGD:1, IGD:2). */
import type { Personality } from '../router/personality.ts';
import type { RouterState } from '../router/router-state.ts';
import { serviceShapes, type ServiceShape } from './igd-services.ts';
import { escapeXml } from './igd-soap.ts';

export type ServiceKind = 'l3f' | 'wan-common' | 'connection' | 'dead-connection' | 'dead-ppp' | 'firewall';

export interface Service {
  readonly kind: ServiceKind;
  readonly type: string;
  readonly id: string;
  /** Paths from the root of the server, query included. */
  readonly scpd: string;
  readonly control: string;
  readonly event: string;
}

const schema = 'urn:schemas-upnp-org';

/** Udn of the root device (0), the WANDevice (1), the WANConnectionDevice (2). */
export function udnOf(state: RouterState, device: 0 | 1 | 2): string {
  const { udn } = state.boot;
  const last = Number.parseInt(udn.slice(-1), 16);
  return `${udn.slice(0, -1)}${((last + device) % 16).toString(16)}`;
}

export function deviceType(personality: Personality, name: string): string {
  return `${schema}:device:${name}:${personality.device.igdVersion}`;
}

export function offersFirewall(state: RouterState): boolean {
  const { device, pinholes } = state.personality;
  return pinholes.offered && device.igdVersion === 2 && state.lan.address6 !== undefined;
}

/** The services by device: root, WANDevice, WANConnectionDevice. */
export function servicesOf(state: RouterState): readonly [readonly Service[], readonly Service[], readonly Service[]] {
  const { description, device, http } = state.personality;
  const prefix = state.boot.pathPrefix;
  const service = (kind: ServiceKind, type: string, id: string, name: string): Service => ({
    kind,
    type: `${http.signIn === undefined ? schema : 'urn:dslforum-org'}:service:${type}`,
    id: `urn:upnp-org:serviceId:${id}`,
    scpd: `${prefix}/${name}.xml`,
    // X15: some daemons distinguish their services by the query alone.
    control: description.controlUrls === 'query' ? `${prefix}/control?${name}` : `${prefix}/ctl/${name}`,
    event: `${prefix}/evt/${name}`,
  });
  const live =
    description.connections === 'ppp'
      ? service('connection', 'WANPPPConnection:1', 'WANPPPConn1', 'WANPPPCn')
      : service('connection', `WANIPConnection:${device.igdVersion}`, 'WANIPConn1', 'WANIPCn');
  const dead = [
    service('dead-ppp', 'WANPPPConnection:1', 'WANPPPConn1', 'WANPPPCn'),
    service('dead-connection', 'WANIPConnection:1', 'WANIPConn2', 'WANIPCn2'),
  ];
  return [
    [service('l3f', 'Layer3Forwarding:1', 'L3Forwarding1', 'L3F')],
    [service('wan-common', 'WANCommonInterfaceConfig:1', 'WANCommonIFC1', 'WANCfg')],
    [
      ...(description.connections === 'several' ? dead : []),
      live,
      ...(offersFirewall(state)
        ? [service('firewall', 'WANIPv6FirewallControl:1', 'WANIPv6Firewall1', 'WANIP6FC')]
        : []),
    ],
  ];
}

const tag = (name: string, value: string): string => `<${name}>${escapeXml(value)}</${name}>`;

function serviceList(services: readonly Service[], base: string): string {
  const items = services.map((service) =>
    [
      '<service>',
      tag('serviceType', service.type),
      tag('serviceId', service.id),
      tag('SCPDURL', base + service.scpd),
      tag('controlURL', base + service.control),
      tag('eventSubURL', base + service.event),
      '</service>',
    ].join(''),
  );
  return `<serviceList>${items.join('')}</serviceList>`;
}

/** @param base scheme, host and port of this server as the client reaches it, without a slash at the end */
export function deviceDescription(state: RouterState, base: string): string {
  const { description, device } = state.personality;
  const [root, wan, connection] = servicesOf(state);
  // X14.
  const urls = description.controlUrls === 'absolute' ? base : '';
  const head = (type: string, name: string, level: 0 | 1 | 2): string =>
    [
      tag('deviceType', deviceType(state.personality, type)),
      tag('friendlyName', name),
      tag('manufacturer', device.manufacturer),
      tag('modelDescription', device.modelName),
      tag('modelName', device.modelName),
      tag('modelNumber', device.modelNumber),
      tag('serialNumber', '00000000'),
      tag('UDN', `uuid:${udnOf(state, level)}`),
    ].join('');
  const inner = `<device>${head('WANConnectionDevice', 'WANConnectionDevice', 2)}${serviceList(connection, urls)}</device>`;
  const middle = `<device>${head('WANDevice', 'WANDevice', 1)}${serviceList(wan, urls)}<deviceList>${inner}</deviceList></device>`;
  const outer = `<device>${head('InternetGatewayDevice', device.friendlyName, 0)}${serviceList(root, urls)}<deviceList>${middle}</deviceList>${tag('presentationURL', `${base}/`)}</device>`;
  const whole = `<?xml version="1.0"?>\n<root xmlns="${schema}:device-1-0" configId="1337"><specVersion><major>1</major><minor>1</minor></specVersion>${urlBase(state, base)}${outer}</root>`;
  return spoilt(state, whole);
}

/** X13. */
function urlBase(state: RouterState, base: string): string {
  switch (state.personality.description.urlBase) {
    case 'absent':
      return '';
    case 'right':
      return tag('URLBase', `${base}/`);
    case 'empty':
      return '<URLBase></URLBase>';
    case 'wrong':
      return tag('URLBase', 'http://192.168.1.254:49152/');
  }
}

/** X1, X2. */
function spoilt(state: RouterState, document: string): string {
  switch (state.personality.description.xml) {
    case 'clean':
      return document;
    case 'junk-before':
      return `\uFEFF\r\n\r\n${document}`;
    case 'junk-after':
      return `${document}\r\n\0\0\0 garbage`;
    case 'not-well-formed':
      return document
        .replace('</modelDescription>', '')
        .replace(/<manufacturer>[^<]*/, '<manufacturer>Plug & Pray\u0007');
  }
}

/** The SCPD of a service: its actions, their arguments, the variables behind them. */
export function serviceDescription(state: RouterState, kind: ServiceKind): string {
  const shape = serviceShapes(state.personality)[
    kind === 'dead-connection' || kind === 'dead-ppp' ? 'connection' : kind
  ];
  const actions = Object.entries(shape.actions).map(([name, args]) => {
    const list = [
      ...args.in.map((argument) => argumentXml(argument, 'in', shape)),
      ...args.out.map((argument) => argumentXml(argument, 'out', shape)),
    ];
    return `<action>${tag('name', name)}${list.length === 0 ? '' : `<argumentList>${list.join('')}</argumentList>`}</action>`;
  });
  const variables = Object.entries(shape.variables).map(
    ([name, type]) =>
      `<stateVariable sendEvents="${type.endsWith('!') ? 'yes' : 'no'}">${tag('name', name)}${tag('dataType', type.replace('!', ''))}</stateVariable>`,
  );
  return `<?xml version="1.0"?>\n<scpd xmlns="${schema}:service-1-0"><specVersion><major>1</major><minor>1</minor></specVersion><actionList>${actions.join('')}</actionList><serviceStateTable>${variables.join('')}</serviceStateTable></scpd>`;
}

function argumentXml(argument: string, direction: 'in' | 'out', shape: ServiceShape): string {
  const variable = shape.variableOf(argument);
  return `<argument>${tag('name', argument)}${tag('direction', direction)}${tag('relatedStateVariable', variable)}</argument>`;
}
