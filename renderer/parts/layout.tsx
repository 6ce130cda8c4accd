import type { ComponentChildren, VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import { Icon, type IconName } from './icon.tsx';

interface SectionProperties {
  readonly title: string;
  /** Beneath the title. */
  readonly hint?: ComponentChildren;
  /** Beside the title. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A titled part of a view. */
export function Section({ title, hint, actions, children }: SectionProperties): VNode {
  const id = useId();
  return (
    <section class="section" aria-labelledby={id}>
      <div class="section-head">
        <div>
          <h2 id={id}>
            <bdi>{title}</bdi>
          </h2>
          {hint !== undefined && <p class="muted">{hint}</p>}
        </div>
        {isAnything(actions) && <div class="section-actions">{actions}</div>}
      </div>
      {children}
    </section>
  );
}

/** A raised surface. `rows`: its children are lines of a list, with a line between them. */
export function Card(properties: { readonly kind?: 'padded' | 'rows'; readonly children: ComponentChildren }): VNode {
  const { kind = 'padded', children } = properties;
  return (
    <div class="card" data-kind={kind}>
      {children}
    </div>
  );
}

interface RowProperties {
  readonly label: ComponentChildren;
  readonly hint?: ComponentChildren;
  /** At the end of the line: a switch, a button, a value. */
  readonly children?: ComponentChildren;
}

/** One line of a card of `rows`. */
export function Row({ label, hint, children }: RowProperties): VNode {
  return (
    <div class="row">
      <div class="row-text">
        <div>
          <bdi>{label}</bdi>
        </div>
        {hint !== undefined && <div class="row-hint">{hint}</div>}
      </div>
      {children !== undefined && <div class="row-end">{children}</div>}
    </div>
  );
}

/** One of a `dl` of class `facts`. */
export function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }): VNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface DetailsProperties {
  readonly title: string;
  readonly isOpenAtFirst?: boolean;
  readonly children: ComponentChildren;
}

/** Details that only some want to know: folded until asked for. */
export function Details({ title, isOpenAtFirst = false, children }: DetailsProperties): VNode {
  const [isOpen, setIsOpen] = useState(isOpenAtFirst);
  return (
    <details class="details" open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="chevron-right" size={16} />
        {title}
      </summary>
      {children}
    </details>
  );
}

/** The top of a view: the only `h1`. */
export function ViewHead({ title, actions }: { readonly title: string; readonly actions?: ComponentChildren }): VNode {
  return (
    <div class="view-head">
      <h1>{title}</h1>
      {isAnything(actions) && <div class="view-actions">{actions}</div>}
    </div>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'accent' | 'plain';

interface ChipProperties {
  readonly tone?: Tone;
  /** A shape shows the state, too. */
  readonly icon?: IconName;
  readonly title?: string;
  readonly children: ComponentChildren;
}

const marked = (name: 'chip' | 'status') =>
  function Marked({ tone = 'plain', icon, title, children }: ChipProperties): VNode {
    return (
      <span class={name} data-tone={tone} title={title}>
        {icon !== undefined && <Icon name={icon} size={16} />}
        <span>{children}</span>
      </span>
    );
  };

export const Chip = marked('chip');

/** A state in a line of text: a shape, a word, a colour. */
export const Status = marked('status');

/** Whether a slot holds something that is drawn. */
export const isAnything = (children: ComponentChildren): boolean =>
  children !== undefined && children !== null && children !== false;
