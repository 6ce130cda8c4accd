/** Types for dbus-native 0.16.1: its protocol without its bus, which needs more of Node and has no types of its own. */
declare module 'dbus-native/lib/handshake.js' {
  import type { Duplex } from 'node:stream';

  /** Says nothing when the stream ends meanwhile. */
  export default function handshake(
    stream: Duplex,
    options: { readonly authMethods: readonly string[] },
    done: (error: Error | null) => void,
  ): void;
}

declare module 'dbus-native/lib/message.js' {
  import type { Duplex } from 'node:stream';

  export interface Message {
    /** 1: call, 2: return, 3: error, 4: signal */
    readonly type: number;
    readonly serial: number;
    readonly flags?: number;
    readonly replySerial?: number;
    readonly destination?: string;
    readonly path?: string;
    readonly interface?: string;
    readonly member?: string;
    readonly errorName?: string;
    readonly signature?: string;
    readonly body?: readonly unknown[];
  }

  /** @throws Error for values that do not fit the signature */
  export function marshall(message: Message): Buffer;

  export function unmarshalMessages(
    stream: Duplex,
    onMessage: (message: Message) => void,
    options: { readonly plainValues: boolean; readonly maxMessageSize: number },
    onFault: (error: Error) => void,
  ): void;
}
