/** logind on a bus of the test's own: it says that the computer sleeps, wakes and shuts down. */
import { createClient, defineInterface, type MessageBus } from 'dbus-native';

const NAME = 'org.freedesktop.login1';
const MANAGER = `${NAME}.Manager`;
const PLACE = '/org/freedesktop/login1';

interface Inhibitor {
  /** Such as `sleep` or `shutdown`. */
  readonly what: string;
  readonly mode: string;
}

export class Logind {
  readonly #bus: MessageBus;
  /** Requested inhibitors. Real ones come as descriptors, which Node cannot pass on: these are refused. */
  readonly inhibitors: Inhibitor[] = [];

  static async on(busAddress: string): Promise<Logind> {
    const logind = new Logind(createClient({ busAddress }));
    await logind.#export();
    return logind;
  }

  private constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  sleeps(): void {
    this.#bus.sendSignal(PLACE, MANAGER, 'PrepareForSleep', 'b', [true]);
  }

  wakes(): void {
    this.#bus.sendSignal(PLACE, MANAGER, 'PrepareForSleep', 'b', [false]);
  }

  shutsDown(): void {
    this.#bus.sendSignal(PLACE, MANAGER, 'PrepareForShutdown', 'b', [true]);
  }

  async close(): Promise<void> {
    await this.#bus.close();
  }

  async #export(): Promise<void> {
    const manager = defineInterface({
      name: MANAGER,
      methods: {
        Inhibit: {
          in: { what: 's', who: 's', why: 's', mode: 's' },
          out: { descriptor: 'h' },
          handler: ({ what, mode }: Inhibitor) => {
            this.inhibitors.push({ what, mode });
            throw new Error('there are none to be had');
          },
        },
      },
      signals: { PrepareForSleep: { args: { begins: 'b' } }, PrepareForShutdown: { args: { begins: 'b' } } },
    });
    await this.#bus.export(PLACE, manager);
    await this.#bus.ownName(NAME);
  }
}
