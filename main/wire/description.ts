/** Device and service descriptions (UPnP Device Architecture 2.0 §2), read by name and at any depth (X6, X41). */
import { decodeText } from './bytes.ts';
import { WireError, type Decoded } from './wire-error.ts';
import { ByName, childOf, descendantsOf, isNamed, parseXml, textOf, type XmlElement } from './xml.ts';

/** Texts as the router wrote them; `''` where it wrote none. URLs are unresolved and untrusted. */
export interface ServiceEntry {
  /** With or without version, of any URN family (X8); the only thing that says what a service is (X7). */
  readonly type: string;
  readonly id: string;
  readonly controlUrl: string;
  readonly eventUrl: string;
  readonly scpdUrl: string;
}

export interface DeviceEntry {
  readonly type: string;
  readonly udn: string;
  readonly friendlyName: string;
  readonly manufacturer: string;
  readonly modelName: string;
  readonly modelNumber: string;
  /** May be empty (X9). */
  readonly services: readonly ServiceEntry[];
  readonly devices: readonly DeviceEntry[];
}

export interface Description {
  /** `''` when there is none; often wrong (X13). */
  readonly urlBase: string;
  readonly root: DeviceEntry;
}

export function decodeDescription(body: Uint8Array): Decoded<Description> {
  const document = parseXml(body);
  if (document instanceof WireError) return document;
  const device = isNamed(document, 'device') ? document : descendantsOf(document, 'device').next().value;
  if (device === undefined) return new WireError('no device in the description', body);
  const base = descendantsOf(document, 'URLBase').next().value;
  return { urlBase: base?.text ?? '', root: deviceOf(device) };
}

function deviceOf(element: XmlElement): DeviceEntry {
  const services: ServiceEntry[] = [];
  const devices: DeviceEntry[] = [];
  collect(element, services, devices);
  return {
    type: textOf(element, 'deviceType'),
    udn: textOf(element, 'UDN'),
    friendlyName: textOf(element, 'friendlyName'),
    manufacturer: textOf(element, 'manufacturer'),
    modelName: textOf(element, 'modelName'),
    modelNumber: textOf(element, 'modelNumber'),
    services,
    devices,
  };
}

/** Lists may be missing, doubled, or nested oddly (X6): everything down to the next device belongs to this one. */
function collect(element: XmlElement, services: ServiceEntry[], devices: DeviceEntry[]): void {
  for (const child of element.children) {
    if (isNamed(child, 'device')) devices.push(deviceOf(child));
    else if (isNamed(child, 'service')) services.push(serviceOf(child));
    else collect(child, services, devices);
  }
}

function serviceOf(element: XmlElement): ServiceEntry {
  return {
    type: textOf(element, 'serviceType'),
    id: textOf(element, 'serviceId'),
    controlUrl: textOf(element, 'controlURL'),
    eventUrl: textOf(element, 'eventSubURL'),
    scpdUrl: textOf(element, 'SCPDURL'),
  };
}

export interface PlacedService {
  readonly service: ServiceEntry;
  readonly device: DeviceEntry;
}

/** Every service with the device that it belongs to, depth first. */
export function servicesOf(description: Description): readonly PlacedService[] {
  const placed: PlacedService[] = [];
  const visit = (device: DeviceEntry): void => {
    for (const service of device.services) placed.push({ service, device });
    for (const inner of device.devices) visit(inner);
  };
  visit(description.root);
  return placed;
}

export interface ActionEntry {
  /** In the order in which the router wants them (X31). */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface ServiceDescription {
  readonly actions: ReadonlyMap<string, ActionEntry>;
  /** It has its end: an action that is not listed was not cut off. */
  readonly isWhole: boolean;
}

/** Of the last bytes. */
const END = /<\/(?:[\w.-]{1,30}:)?scpd\s{0,20}>[^<]*$/i;
const END_BYTES = 200;

export function decodeServiceDescription(body: Uint8Array): Decoded<ServiceDescription> {
  const document = parseXml(body);
  if (document instanceof WireError) return document;
  const actions = new ByName<ActionEntry>();
  for (const action of descendantsOf(document, 'action')) {
    const name = textOf(action, 'name');
    if (name !== '' && !actions.has(name)) actions.set(name, actionOf(action));
  }
  if (actions.size === 0 && !isNamed(document, 'scpd')) return new WireError('not a service description', body);
  return { actions, isWhole: END.test(decodeText(body.subarray(-END_BYTES))) };
}

/** Down to the next action, which has its own: where tags are not closed, each action has all later ones inside. */
function* argumentsIn(element: XmlElement): Generator<XmlElement, void> {
  for (const child of element.children) {
    if (isNamed(child, 'action')) continue;
    if (isNamed(child, 'argument')) yield child;
    yield* argumentsIn(child);
  }
}

function actionOf(element: XmlElement): ActionEntry {
  const inputs: string[] = [];
  const outputs: string[] = [];
  for (const argument of argumentsIn(childOf(element, 'argumentList') ?? element)) {
    const name = textOf(argument, 'name');
    if (name === '') continue;
    (textOf(argument, 'direction').toLowerCase() === 'out' ? outputs : inputs).push(name);
  }
  return { inputs, outputs };
}
