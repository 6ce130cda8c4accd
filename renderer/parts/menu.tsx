import type { VNode } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { IconButton } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';

export interface MenuItem {
  readonly label: string;
  readonly icon?: IconName;
  readonly isDangerous?: boolean;
  readonly isDisabled?: boolean;
  /** A line above it. */
  readonly isApart?: boolean;
  readonly onChoose: () => void;
}

interface MenuProperties {
  /** Label of the button that opens it. */
  readonly label: string;
  readonly items: readonly MenuItem[];
}

const ITEMS = '[role=menuitem]:not([aria-disabled=true])';

/** A button and its menu, in the browser's top layer: nothing clips it. Arrows, Home, End, Escape, first letters. */
export function MenuButton({ label, items }: MenuProperties): VNode {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  /** The item to focus first; absent while closed. */
  const [opened, setOpened] = useState<'first' | 'last' | undefined>(undefined);
  const isOpen = opened !== undefined;

  const entries = (): readonly HTMLElement[] => [...(menu.current?.querySelectorAll<HTMLElement>(ITEMS) ?? [])];
  // A long list has many menus: their items are made when they are looked at.
  useLayoutEffect(() => {
    const [anchor, popup] = [button.current, menu.current];
    if (opened === undefined || anchor === null || popup === null) return;
    popup.showPopover();
    place(popup, anchor.getBoundingClientRect());
    const all = popup.querySelectorAll<HTMLElement>(ITEMS);
    all.item(opened === 'first' ? 0 : all.length - 1)?.focus();
  }, [opened]);
  const close = (): void => {
    menu.current?.hidePopover();
    button.current?.focus();
  };
  const move = (event: KeyboardEvent): void => {
    const all = entries();
    const at = all.findIndex((entry) => entry === document.activeElement);
    const target = targetOf(event.key, at, all);
    if (target !== undefined) target.focus();
    else if (event.key === 'Escape') close();
    else if (event.key === 'Tab') {
      menu.current?.hidePopover();
      return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <IconButton
        icon="more"
        label={label}
        buttonRef={button}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => (isOpen ? close() : setOpened('first'))}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
          event.preventDefault();
          setOpened(event.key === 'ArrowDown' ? 'first' : 'last');
        }}
      />
      <div
        ref={menu}
        id={id}
        class="menu"
        role="menu"
        aria-label={label}
        popover="auto"
        onToggle={(event) => {
          if (event.newState === 'closed') setOpened(undefined);
        }}
        onKeyDown={move}
      >
        {isOpen &&
          items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              class="menu-item"
              data-dangerous={item.isDangerous === true}
              data-apart={item.isApart === true}
              aria-disabled={item.isDisabled === true}
              onClick={() => {
                if (item.isDisabled === true) return;
                close();
                item.onChoose();
              }}
            >
              {item.icon === undefined ? <span class="menu-gap" /> : <Icon name={item.icon} size={16} />}
              <span>{item.label}</span>
            </button>
          ))}
      </div>
    </>
  );
}

function targetOf(key: string, at: number, all: readonly HTMLElement[]): HTMLElement | undefined {
  if (key === 'ArrowDown') return all[(at + 1) % all.length];
  if (key === 'ArrowUp') return all.at(at <= 0 ? -1 : at - 1);
  if (key === 'Home') return all[0];
  if (key === 'End') return all.at(-1);
  if (key.length !== 1 || key === ' ') return undefined;
  const rotated = [...all.slice(at + 1), ...all.slice(0, at + 1)];
  return rotated.find(({ textContent }) => textContent.toLowerCase().startsWith(key.toLowerCase()));
}

/** Below the button, its end at the button's end; above where there is no room below. */
function place(popup: HTMLElement, anchor: DOMRect): void {
  const gap = 4;
  const { width, height } = popup.getBoundingClientRect();
  const below = anchor.bottom + gap;
  const top = below + height > innerHeight - gap ? Math.max(gap, anchor.top - gap - height) : below;
  const left = Math.max(gap, Math.min(anchor.right - width, innerWidth - width - gap));
  popup.style.top = `${top}px`;
  popup.style.left = `${left}px`;
}
