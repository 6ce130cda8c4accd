import type { ComponentChildren, JSX, Ref, VNode } from 'preact';
import './button.css';
import { Icon } from '../icon.tsx';
import type { IconName } from '../icon-paths.ts';
import { Spinner } from '../notice/spinner.tsx';

type ButtonAttributes = Pick<
  JSX.IntrinsicElements['button'],
  | 'id'
  | 'disabled'
  | 'title'
  | 'type'
  | 'autofocus'
  | 'aria-label'
  | 'tabIndex'
  | 'form'
  | 'aria-describedby'
  | 'aria-expanded'
  | 'aria-controls'
  | 'aria-haspopup'
  | 'aria-pressed'
  | 'onPointerDown'
  | 'onKeyDown'
>;

export interface ButtonProperties extends ButtonAttributes {
  /** `primary`: the one thing to do here. `danger`: what cannot be taken back. `quiet`: without a border. */
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly size?: 'small' | 'normal';
  readonly icon?: IconName;
  /** Under way: shows a spinner, and does not answer to clicks. */
  readonly isBusy?: boolean;
  /** Its key in the whole window: see shell/shortcuts. */
  readonly 'data-shortcut'?: 'new';
  readonly onClick?: (event: MouseEvent) => void;
  readonly buttonRef?: Ref<HTMLButtonElement>;
  readonly children: ComponentChildren;
}

export function Button(properties: ButtonProperties): VNode {
  const {
    kind = 'plain',
    size = 'normal',
    icon,
    isBusy = false,
    onClick,
    buttonRef = null,
    children,
    ...rest
  } = properties;
  return (
    <button
      type="button"
      {...rest}
      ref={buttonRef}
      class="button"
      data-kind={kind}
      data-size={size}
      aria-busy={isBusy}
      // Not `disabled`: the focus would be lost.
      aria-disabled={isBusy ? true : undefined}
      onClick={isBusy ? (event) => event.preventDefault() : onClick}
    >
      {isBusy ? <Spinner isImmediate /> : icon !== undefined && <Icon name={icon} size={size === 'small' ? 16 : 20} />}
      <span>{children}</span>
    </button>
  );
}

interface LinkButtonProperties {
  readonly href: string;
  /** Opened in a browser of its own. */
  readonly isOutside?: boolean;
  readonly kind?: 'primary' | 'plain' | 'quiet';
  readonly size?: 'small' | 'normal';
  readonly icon?: IconName;
  readonly title?: string;
  readonly children: ComponentChildren;
}

/** What leads elsewhere and looks like a button. */
export function LinkButton(properties: LinkButtonProperties): VNode {
  const { href, isOutside = false, kind = 'plain', size = 'small', icon, title, children } = properties;
  const outside = isOutside ? ({ target: '_blank', rel: 'noopener noreferrer' } as const) : {};
  return (
    <a class="button" data-kind={kind} data-size={size} href={href} title={title} {...outside}>
      {icon !== undefined && <Icon name={icon} size={size === 'small' ? 16 : 20} />}
      <span>{children}</span>
      {isOutside && <Icon name="external" size={16} />}
    </a>
  );
}

export interface IconButtonProperties extends ButtonAttributes {
  readonly icon: IconName;
  /** Its name: read aloud, and shown when pointed at. */
  readonly label: string;
  readonly size?: 'small' | 'normal';
  readonly onClick?: (event: MouseEvent) => void;
  readonly buttonRef?: Ref<HTMLButtonElement>;
}

export function IconButton(properties: IconButtonProperties): VNode {
  const { icon, label, size = 'normal', buttonRef = null, ...rest } = properties;
  return (
    <button
      type="button"
      {...rest}
      ref={buttonRef}
      class="icon-button"
      data-size={size}
      aria-label={label}
      title={label}
    >
      <Icon name={icon} size={size === 'small' ? 16 : 20} />
    </button>
  );
}
