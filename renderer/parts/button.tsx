import type { ComponentChildren, JSX, Ref, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { CommandInput, CommandName } from '../../main/contract/commands.ts';
import type { GatewayView } from '../../main/contract/snapshot.ts';
import { inSeconds } from '../../main/contract/units.ts';
import { windowWords } from '../shell/words.ts';
import { useWords } from '../state/language.tsx';
import { useAsk, useTask, useToasts } from '../state/portkeeper.tsx';
import { useTime } from '../state/time.tsx';
import { Icon, Spinner, type IconName } from './icon.tsx';

type ButtonAttributes = Omit<
  JSX.IntrinsicElements['button'],
  'children' | 'class' | 'icon' | 'label' | 'onClick' | 'ref' | 'size'
>;

interface ButtonProperties extends ButtonAttributes {
  /** `primary`: the one thing to do here. `danger`: what cannot be taken back. `quiet`: without a border. */
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly size?: 'small' | 'normal';
  readonly icon?: IconName;
  /** Under way: shows a spinner, and does not answer to clicks. */
  readonly isBusy?: boolean;
  /** Its key in the whole window: see shell/shortcuts. */
  readonly 'data-shortcut'?: 'new';
  readonly onClick?: (event: MouseEvent) => void;
  readonly children: ComponentChildren;
}

export function Button(properties: ButtonProperties): VNode {
  const { kind = 'plain', size = 'normal', icon, isBusy = false, onClick, children, ...rest } = properties;
  return (
    <button
      type="button"
      {...rest}
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

interface CommandButtonProperties<Name extends CommandName> extends Omit<ButtonProperties, 'onClick'> {
  readonly command: Name;
  readonly input: CommandInput<Name>;
}

/** Gives a command, and is busy until it is answered. A refusal is shown as a message, wherever the person is then. */
export function CommandButton<Name extends CommandName>(properties: CommandButtonProperties<Name>): VNode {
  const { command, input, isBusy = false, ...rest } = properties;
  const ask = useAsk();
  const task = useTask();
  return <Button {...rest} isBusy={isBusy || task.isBusy} onClick={() => task.run(() => ask(command, input))} />;
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

/** A link that looks like a button. */
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

interface IconButtonProperties extends ButtonAttributes {
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

interface MoreButtonProperties {
  readonly isOpen: boolean;
  /** The id of what it unfolds. */
  readonly controls: string;
  readonly onToggle: (isOpen: boolean) => void;
}

/** Unfolds what only some people want to read. */
export function MoreButton({ isOpen, controls, onToggle }: MoreButtonProperties): VNode {
  const words = useWords(windowWords);
  return (
    <button
      type="button"
      class="more"
      aria-expanded={isOpen}
      aria-controls={controls}
      onClick={() => onToggle(!isOpen)}
    >
      <span>{words.details}</span>
      <Icon name="chevron-down" size={16} />
    </button>
  );
}

interface CopyButtonProperties {
  readonly text: string;
  /** Such as "Copy the public address". */
  readonly label: string;
  /** With the word beside the sign. */
  readonly isWorded?: boolean;
}

export function CopyButton({ text, label, isWorded = false }: CopyButtonProperties): VNode {
  const words = useWords(windowWords);
  const time = useTime();
  const copyToClipboard = useCopy();
  const [isDone, setIsDone] = useState(false);
  useEffect(() => (isDone ? time.after(inSeconds(2), () => setIsDone(false)) : undefined), [isDone, time]);
  const copy = async (): Promise<void> => {
    if (await copyToClipboard(text)) setIsDone(true);
  };
  const shared = { icon: isDone ? 'check' : 'copy', size: 'small', onClick: () => void copy() } as const;
  return (
    <>
      {isWorded ? (
        <Button {...shared} aria-label={label}>
          {words.copy}
        </Button>
      ) : (
        <IconButton {...shared} label={label} />
      )}
      <span class="unseen" role="status">
        {isDone && words.copied}
      </span>
    </>
  );
}

interface ExternalAddressProperties {
  readonly address: GatewayView['externalAddress'];
  /** In its place. */
  readonly none: string;
  readonly unknown: string;
  /** The name of the button that copies it. */
  readonly copy?: string;
}

export function ExternalAddress({ address, none, unknown, copy }: ExternalAddressProperties): VNode {
  const words = useWords(windowWords);
  if (address === 'none' || address === 'unknown') return <>{address === 'none' ? none : unknown}</>;
  return (
    <>
      <span>{address}</span> <CopyButton text={address} label={copy ?? words.copyPublicAddress} />
    </>
  );
}

/** Copies a text to the clipboard. Resolves with whether the system let us; a failure is shown. */
export function useCopy(): (text: string, done?: string) => Promise<boolean> {
  const words = useWords(windowWords);
  const { show } = useToasts();
  return async (text, done) => {
    const isDone = await copyText(text);
    if (!isDone) show({ text: words.copyFailed, tone: 'bad' });
    else if (done !== undefined) show({ text: done });
    return isDone;
  };
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Where the permission is denied, as in a window that denies all, a selection may still be copied.
    return copySelection(text);
  }
}

function copySelection(text: string): boolean {
  const { activeElement } = document;
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'unseen';
  // In a modal dialog all else is inert.
  (activeElement?.closest('dialog') ?? document.body).append(area);
  area.select();
  try {
    return document.execCommand('copy');
  } finally {
    area.remove();
    if (activeElement instanceof HTMLElement) activeElement.focus();
  }
}

interface SwitchProperties {
  readonly isOn: boolean;
  /** Its name; or what names it. */
  readonly label?: string;
  readonly labelledBy?: string;
  readonly describedBy?: string | undefined;
  /** It was turned, and what it does has not settled yet. */
  readonly isPending: boolean;
  /** `-1` where the arrow keys lead to it. */
  readonly tabIndex?: 0 | -1;
  readonly onChange: (isOn: boolean) => void;
}

export function Switch(properties: SwitchProperties): VNode {
  const { isOn, label, labelledBy, describedBy, isPending, tabIndex, onChange } = properties;
  return (
    <button
      type="button"
      role="switch"
      class="switch"
      aria-checked={isOn}
      aria-label={label}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      aria-busy={isPending}
      tabIndex={tabIndex}
      onClick={() => onChange(!isOn)}
    >
      <span class="switch-thumb" />
    </button>
  );
}
