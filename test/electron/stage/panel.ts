/** A panel on the session's bus: the tray (Status Notifier specification, with menus by dbusmenu) and notifications. */
import { createHash } from 'node:crypto';
import {
  createClient,
  defineInterface,
  type ExportRegistration,
  type HandlerContext,
  type MessageBus,
  type NameRegistration,
} from 'dbus-native';
import * as v from 'valibot';
import { until } from './until.ts';

const WATCHER = 'org.kde.StatusNotifierWatcher';
const ITEM = 'org.kde.StatusNotifierItem';
const MENU = 'com.canonical.dbusmenu';
const NOTIFICATIONS = 'org.freedesktop.Notifications';
const NOTIFICATIONS_PLACE = '/org/freedesktop/Notifications';
/** Desktop Notifications Specification 1.2: the reason of a notification that the person dismissed. */
const DISMISSED = 2;

export interface PanelOptions {
  /** Does it draw markup in notifications? */
  readonly markup?: boolean;
  /** Does it refuse to show notifications? */
  readonly refusesNotifications?: boolean;
}

export interface Shown {
  readonly id: number;
  readonly app: string;
  readonly title: string;
  readonly body: string;
  readonly hints: Readonly<Record<string, unknown>>;
}

export interface MenuItem {
  readonly id: number;
  readonly label: string;
  /** Of an entry with a tick. */
  readonly checked: boolean;
  readonly enabled: boolean;
  readonly items: readonly MenuItem[];
}

const Notify = v.object({
  app: v.string(),
  title: v.string(),
  body: v.string(),
  hints: v.record(v.string(), v.unknown()),
});
const Properties = v.object({
  Menu: v.string(),
  ToolTip: v.optional(v.tuple([v.string(), v.unknown(), v.string(), v.string()])),
  IconPixmap: v.optional(v.array(v.tuple([v.number(), v.number(), v.instance(Uint8Array)])), []),
});
const Node = v.tuple([v.number(), v.record(v.string(), v.unknown()), v.array(v.unknown())]);
const Layout = v.tuple([v.number(), v.unknown()]);

export class Panel {
  /** Oldest first. */
  readonly notifications: Shown[] = [];
  /** Names of the key stores that were asked for something. */
  readonly keyStoreCalls: string[] = [];
  readonly #bus: MessageBus;
  readonly #options: PanelOptions;
  /** Owners of icons, and where the icons are, the latest last. */
  #items: { readonly name: string; readonly place: string }[] = [];
  #watcher: { readonly object: ExportRegistration; readonly name: NameRegistration } | undefined;

  static async on(busAddress: string, options: PanelOptions): Promise<Panel> {
    const panel = new Panel(createClient({ busAddress }), options);
    await panel.#showNotifications();
    return panel;
  }

  private constructor(bus: MessageBus, options: PanelOptions) {
    this.#bus = bus;
    this.#options = options;
  }

  async close(): Promise<void> {
    await this.#bus.close();
  }

  /** It is there, with a tray. */
  async appear(): Promise<void> {
    const watcher = defineInterface({
      name: WATCHER,
      methods: {
        RegisterStatusNotifierItem: {
          in: { service: 's' },
          handler: ({ service }: { service: string }, { sender = '' }: HandlerContext) => {
            const isPlace = service.startsWith('/');
            this.#items.push({
              name: isPlace ? sender : service,
              place: isPlace ? service : '/StatusNotifierItem',
            });
          },
        },
        RegisterStatusNotifierHost: { in: { service: 's' }, handler: () => undefined },
      },
      properties: {
        RegisteredStatusNotifierItems: {
          type: 'as',
          access: 'read',
          get: () => this.#items.map(({ name, place }) => `${name}${place}`),
        },
        IsStatusNotifierHostRegistered: { type: 'b', access: 'read', get: () => true },
        ProtocolVersion: { type: 'i', access: 'read', get: () => 0 },
      },
    });
    const object = await this.#bus.export('/StatusNotifierWatcher', watcher);
    this.#watcher = { object, name: await this.#bus.ownName(WATCHER) };
  }

  /** It crashes, or is restarted. */
  async disappear(): Promise<void> {
    await this.#watcher?.name.release();
    await this.#watcher?.object.remove();
    this.#items = [];
  }

  /** Waits for an icon. */
  async hasIcon(): Promise<void> {
    await until('an icon in the tray', () => this.#items.length > 0);
  }

  /** Changes of the icon as the app sent it: another picture, another text. */
  async picture(): Promise<string> {
    const { IconPixmap } = await this.#properties();
    const hash = createHash('sha256');
    for (const [, , pixels] of IconPixmap) hash.update(pixels);
    return hash.digest('hex');
  }

  async tooltip(): Promise<string> {
    return (await this.#properties()).ToolTip?.[2] ?? '';
  }

  /** Clicks on the icon. */
  async activate(): Promise<void> {
    await this.#call(this.#item.place, ITEM, 'Activate', 'ii', [5, 5]);
  }

  /** Waits for an entry of the menu with this label, at any depth. */
  async entry(label: string | RegExp): Promise<MenuItem> {
    return await until(`${String(label)} in the tray's menu`, async () => find(await this.#menu(), label));
  }

  /** Clicks on the entry with this label, once it is there; again when there is another menu by then. */
  async choose(label: string | RegExp): Promise<void> {
    await until(`a click on ${String(label)} in the tray's menu`, async () => {
      const item = find(await this.#menu(), label);
      if (item === undefined) return false;
      const { Menu } = await this.#properties();
      await this.#call(Menu, MENU, 'Event', 'isvu', [item.id, 'clicked', ['s', ''], 0]);
      return true;
    });
  }

  /** Waits for a notification whose title or body matches. */
  async notification(text: RegExp): Promise<Shown> {
    return await until(`a notification with ${String(text)}`, () =>
      this.notifications.find(({ title, body }) => text.test(title) || text.test(body)),
    );
  }

  /** Clicks on a notification, which closes it. */
  click({ id }: Shown): void {
    this.#bus.sendSignal(NOTIFICATIONS_PLACE, NOTIFICATIONS, 'ActionInvoked', 'us', [id, 'default']);
    this.#bus.sendSignal(NOTIFICATIONS_PLACE, NOTIFICATIONS, 'NotificationClosed', 'uu', [id, DISMISSED]);
  }

  /** Is there as a key store too, under these names, and notes who asks. */
  async keepKeys(names: readonly string[]): Promise<void> {
    this.#bus.connection.on('message', ({ destination = '' }) => {
      if (names.includes(destination)) this.keyStoreCalls.push(destination);
    });
    for (const name of names) await this.#bus.ownName(name);
  }

  get #item(): { readonly name: string; readonly place: string } {
    const item = this.#items.at(-1);
    if (item === undefined) throw new Error('there is no icon');
    return item;
  }

  async #menu(): Promise<MenuItem> {
    const { Menu } = await this.#properties();
    const [, root] = v.parse(Layout, await this.#call(Menu, MENU, 'GetLayout', 'iias', [0, -1, []]));
    return menuItem(root);
  }

  async #properties(): Promise<v.InferOutput<typeof Properties>> {
    return v.parse(
      Properties,
      await this.#call(this.#item.place, 'org.freedesktop.DBus.Properties', 'GetAll', 's', [ITEM]),
    );
  }

  async #call(path: string, face: string, member: string, signature: string, body: unknown[]): Promise<unknown> {
    const call = { destination: this.#item.name, path, interface: face, member, signature, body };
    const answer: unknown = await this.#bus.invoke(call);
    return answer;
  }

  async #showNotifications(): Promise<void> {
    const { markup = false, refusesNotifications = false } = this.#options;
    const notifications = defineInterface({
      name: NOTIFICATIONS,
      methods: {
        GetCapabilities: {
          out: { capabilities: 'as' },
          handler: () => ['body', 'actions', ...(markup ? ['body-markup', 'body-hyperlinks'] : [])],
        },
        GetServerInformation: {
          out: { name: 's', vendor: 's', version: 's', specification: 's' },
          handler: () => ({ name: 'panel', vendor: 'test', version: '1', specification: '1.2' }),
        },
        CloseNotification: { in: { id: 'u' }, handler: () => undefined },
        Notify: {
          in: { app: 's', id: 'u', icon: 's', title: 's', body: 's', actions: 'as', hints: 'a{sv}', expires: 'i' },
          out: { id: 'u' },
          handler: (given: unknown) => {
            if (refusesNotifications) throw new Error('there are too many already');
            const id = this.notifications.length + 1;
            this.notifications.push({ id, ...v.parse(Notify, given) });
            return id;
          },
        },
      },
      signals: {
        ActionInvoked: { args: { id: 'u', action: 's' } },
        NotificationClosed: { args: { id: 'u', reason: 'u' } },
      },
    });
    await this.#bus.export(NOTIFICATIONS_PLACE, notifications);
    await this.#bus.ownName(NOTIFICATIONS);
  }
}

function menuItem(node: unknown): MenuItem {
  const [id, properties, children] = v.parse(Node, node);
  const { label, enabled, 'toggle-state': toggle } = properties;
  return {
    id,
    label: typeof label === 'string' ? label : '',
    checked: toggle === 1,
    enabled: enabled !== false,
    items: children.map(menuItem),
  };
}

function find(menu: MenuItem, label: string | RegExp): MenuItem | undefined {
  for (const item of menu.items) {
    const isIt = typeof label === 'string' ? item.label === label : label.test(item.label);
    const found = isIt ? item : find(item, label);
    if (found !== undefined) return found;
  }
  return undefined;
}
