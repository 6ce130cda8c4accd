/** What a person sets once for everything. Every member has a default; unknown members are dropped, bad ones refused. */
import * as v from 'valibot';

/** A name or a part of one, an address, an interface: short, one line. */
const OneLine = v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(200), v.regex(/^[^\p{Cc}]*$/u));

export const SettingsSchema = v.object({
  /** What becomes of open ports when Portkeeper ends. */
  onQuit: v.optional(v.picklist(['close', 'keep']), 'close'),
  protocol: v.optional(v.picklist(['auto', 'upnp', 'pcp', 'natpmp']), 'auto'),
  /** Only this router: its address, or the URL of its description. */
  gateway: v.optional(v.nullable(OneLine), null),
  /** Interfaces to leave out, by name. */
  exceptInterfaces: v.optional(v.pipe(v.array(OneLine), v.maxLength(64)), []),
  /** Seconds that routers are asked for; `null` for the protocol's own. */
  lease: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(60), v.maxValue(604_800))), null),
  /** Everything closed, whatever the profiles' switches say. */
  paused: v.optional(v.boolean(), false),
  language: v.optional(v.picklist(['system', 'en', 'de']), 'system'),
  theme: v.optional(v.picklist(['system', 'light', 'dark']), 'system'),
  notifications: v.optional(v.picklist(['problems', 'all', 'none']), 'problems'),
});

export type Settings = Readonly<v.InferOutput<typeof SettingsSchema>>;
export type SettingsChange = Partial<v.InferInput<typeof SettingsSchema>>;

export const DEFAULT_SETTINGS: Settings = v.parse(SettingsSchema, {});
