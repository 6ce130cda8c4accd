/** A component that is drawn again only when one of its properties is another object or value. */
import type { Attributes, ComponentChild, ComponentType } from 'preact';
import { Component, h } from 'preact';

export function memo<Properties extends object>(draw: ComponentType<Properties>): ComponentType<Properties> {
  return class Memo extends Component<Properties> {
    override shouldComponentUpdate(next: Readonly<Properties>): boolean {
      return !isSame(this.props, next);
    }
    override render(): ComponentChild {
      return h(draw, { ...this.props } as Attributes & Properties);
    }
  };
}

function isSame(one: object, other: object): boolean {
  const before = new Map<string, unknown>(Object.entries(one));
  const after = Object.entries(other);
  return before.size === after.length && after.every(([name, value]) => Object.is(before.get(name), value));
}
