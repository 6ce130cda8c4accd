/** Parts of the window that are loaded when they are first shown, or before that when the browser has nothing else to do. */
import type { ComponentType, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { textsAtHand } from './texts.ts';

/** A part of the window in a file of its own. */
export interface Part<Value> {
  /** Absent until it is loaded. */
  readonly loaded: Value | undefined;
  /** Once; a load that failed is tried again by the next one. @throws what the browser says of it */
  load(): Promise<Value>;
}

const parts: Part<unknown>[] = [];

export function onDemand<Value>(load: () => Promise<Value>): Part<Value> {
  let loading: Promise<Value> | undefined;
  let loaded: Value | undefined;
  const part: Part<Value> = {
    get loaded() {
      return loaded;
    },
    load: async () => {
      loading ??= withTexts(load);
      try {
        loaded = await loading;
        return loaded;
      } catch (error) {
        loading = undefined;
        throw error;
      }
    },
  };
  parts.push(part);
  return part;
}

async function withTexts<Value>(load: () => Promise<Value>): Promise<Value> {
  const value = await load();
  await textsAtHand();
  return value;
}

/** `undefined` while it is loading. @throws what the browser says where it cannot be loaded */
export function usePart<Value>(part: Part<Value>): Value | undefined {
  const [state, setState] = useState<{ readonly error?: unknown }>({});
  const { loaded } = part;
  useEffect(() => {
    if (loaded !== undefined) return undefined;
    let isGone = false;
    part.load().then(
      () => !isGone && setState({}),
      (error: unknown) => !isGone && setState({ error }),
    );
    return () => void (isGone = true);
  }, [part, loaded]);
  if ('error' in state) throw state.error;
  return loaded;
}

/** A component that shows nothing until it is loaded. */
export function shownOnDemand<Properties extends object>(
  load: () => Promise<ComponentType<Properties>>,
): ComponentType<Properties> {
  const part = onDemand(load);
  return function OnDemand(properties: Properties): VNode | null {
    const Shown = usePart(part);
    return Shown === undefined ? null : <Shown {...properties} />;
  };
}

/** All of them, one after the other, so that each view is there at once, also when what serves the window has gone. What
 * cannot be loaded now is reported when it is shown. */
export async function loadAhead(): Promise<void> {
  for (const part of parts) await part.load().catch(() => undefined);
}
