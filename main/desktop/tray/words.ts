/** Texts of the tray: its menu, and what it says when the pointer rests on it. */
import type { Catalogue } from '../../contract/words/catalogues.ts';

const en = {
  open: 'Open Portkeeper',
  /** A click copies it. */
  address: (address: string) => `Copy public IP (${address})`,
  noAddress: 'Public IP not known yet',
  demo: 'Simulated router: nothing is open to the internet',
  guest: 'Controlled by “portkeeper serve”',
  searching: 'Looking for your router…',
  blocked: 'Waiting: another copy of Portkeeper is using the same data',
  unreadable: 'Waiting: the data folder can’t be used',
  starting: 'Starting…',
  profiles: (on: number, all: number) => `Profiles (${on} of ${all} on)`,
  noProfiles: 'No profiles yet. Add one…',
  /** Held by a program, whatever its switch says. */
  held: (name: string) => `${name} (in use by a program)`,
  /** Heads what programs keep open beside the profiles. */
  terminal: 'Opened from a terminal',
  sources: { terminal: 'Terminal', file: 'Port list' },
  ports: 'Ports',
  nothing: 'No port is open',
  states: {
    off: 'off',
    paused: 'paused',
    opening: 'opening',
    open: 'open',
    partly: 'partly open',
    waiting: 'waiting',
    refused: 'refused',
    closing: 'closing',
  },
  forward: (ports: string, name: string, state: string) => `${ports}  ${name}: ${state}`,
  /** An open forward; a click copies what others need to reach it. */
  share: (address: string, name: string) => (name === '' ? `Copy ${address}` : `Copy ${address} (${name})`),
  more: (count: number) => `${count} more…`,
  pause: 'Pause everything',
  startAtLogin: 'Start at login',
  install: (version: string) => `Restart to update to ${version}`,
  available: (version: string) => `Version ${version} is available…`,
  quit: 'Quit Portkeeper',
  closing: (count: number) => (count === 0 ? 'Quitting…' : count === 1 ? 'Closing 1 port…' : `Closing ${count} ports…`),
  quitNow: 'Quit now without waiting',
  tooltips: {
    starting: 'Portkeeper: starting',
    problem: (what: string) => `Portkeeper: ${what}`,
    paused: 'Portkeeper: paused',
    working: 'Portkeeper: talking to the router',
    open: (count: number) => (count === 1 ? 'Portkeeper: 1 port is open' : `Portkeeper: ${count} ports are open`),
    idle: 'Portkeeper: no port is open',
  },
};

const de: typeof en = {
  open: 'Portkeeper öffnen',
  address: (address) => `Öffentliche IP kopieren (${address})`,
  noAddress: 'Öffentliche IP noch nicht bekannt',
  demo: 'Simulierter Router: nichts ist zum Internet hin offen',
  guest: 'Gesteuert durch „portkeeper serve“',
  searching: 'Dein Router wird gesucht …',
  blocked: 'Wartet: Eine andere Portkeeper-Instanz nutzt dieselben Daten',
  unreadable: 'Wartet: Der Datenordner ist nicht nutzbar',
  starting: 'Startet …',
  profiles: (on, all) => `Profile (${on} von ${all} an)`,
  noProfiles: 'Noch keine Profile. Anlegen …',
  held: (name) => `${name} (von einem Programm genutzt)`,
  terminal: 'Von einem Terminal aus geöffnet',
  sources: { terminal: 'Terminal', file: 'Portliste' },
  ports: 'Ports',
  nothing: 'Kein Port ist offen',
  states: {
    off: 'aus',
    paused: 'pausiert',
    opening: 'wird geöffnet',
    open: 'offen',
    partly: 'teilweise offen',
    waiting: 'wartet',
    refused: 'abgelehnt',
    closing: 'wird geschlossen',
  },
  forward: (ports, name, state) => `${ports}  ${name}: ${state}`,
  share: (address, name) => (name === '' ? `${address} kopieren` : `${address} kopieren (${name})`),
  more: (count) => `${count} weitere …`,
  pause: 'Alles pausieren',
  startAtLogin: 'Bei der Anmeldung starten',
  install: (version) => `Neu starten und auf ${version} aktualisieren`,
  available: (version) => `Version ${version} ist verfügbar …`,
  quit: 'Portkeeper beenden',
  closing: (count) =>
    count === 0 ? 'Wird beendet …' : count === 1 ? '1 Port wird geschlossen …' : `${count} Ports werden geschlossen …`,
  quitNow: 'Sofort beenden',
  tooltips: {
    starting: 'Portkeeper: startet',
    problem: (what) => `Portkeeper: ${what}`,
    paused: 'Portkeeper: pausiert',
    working: 'Portkeeper: spricht mit dem Router',
    open: (count) => (count === 1 ? 'Portkeeper: 1 Port ist offen' : `Portkeeper: ${count} Ports sind offen`),
    idle: 'Portkeeper: kein Port ist offen',
  },
};

export type TrayWords = typeof en;
export const trayWords: Catalogue<TrayWords> = { en, de };
