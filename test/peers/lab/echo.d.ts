import type { InferOutput } from 'valibot';

declare const transport: import('valibot').PicklistSchema<['tcp', 'udp'], undefined>;
declare const request: import('valibot').VariantSchema<
  'do',
  [
    import('valibot').ObjectSchema<
      {
        readonly id: import('valibot').NumberSchema<undefined>;
        readonly do: import('valibot').LiteralSchema<'listen', undefined>;
        readonly transport: import('valibot').PicklistSchema<['tcp', 'udp'], undefined>;
        readonly port: import('valibot').SchemaWithPipe<
          readonly [
            import('valibot').NumberSchema<undefined>,
            import('valibot').IntegerAction<number, undefined>,
            import('valibot').MinValueAction<number, 1, undefined>,
            import('valibot').MaxValueAction<number, 65535, undefined>,
          ]
        >;
      },
      undefined
    >,
    import('valibot').ObjectSchema<
      {
        readonly id: import('valibot').NumberSchema<undefined>;
        readonly do: import('valibot').LiteralSchema<'silence', undefined>;
        readonly transport: import('valibot').PicklistSchema<['tcp', 'udp'], undefined>;
        readonly port: import('valibot').SchemaWithPipe<
          readonly [
            import('valibot').NumberSchema<undefined>,
            import('valibot').IntegerAction<number, undefined>,
            import('valibot').MinValueAction<number, 1, undefined>,
            import('valibot').MaxValueAction<number, 65535, undefined>,
          ]
        >;
      },
      undefined
    >,
    import('valibot').ObjectSchema<
      {
        readonly id: import('valibot').NumberSchema<undefined>;
        readonly do: import('valibot').LiteralSchema<'probe', undefined>;
        readonly transport: import('valibot').PicklistSchema<['tcp', 'udp'], undefined>;
        readonly port: import('valibot').SchemaWithPipe<
          readonly [
            import('valibot').NumberSchema<undefined>,
            import('valibot').IntegerAction<number, undefined>,
            import('valibot').MinValueAction<number, 1, undefined>,
            import('valibot').MaxValueAction<number, 65535, undefined>,
          ]
        >;
        readonly address: import('valibot').StringSchema<undefined>;
        readonly withinMs: import('valibot').NumberSchema<undefined>;
      },
      undefined
    >,
  ],
  undefined
>;
export type AgentRequest = InferOutput<typeof request>;
type Transport = InferOutput<typeof transport>;
export declare const isTransport: (text: unknown) => text is Transport;
/** The name of who answers, or `undefined` when nobody does within the time. */
export declare function probe(
  transport: Transport,
  address: string,
  port: number,
  withinMs: number,
): Promise<string | undefined>;
export {};
