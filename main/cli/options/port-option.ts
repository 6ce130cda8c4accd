import { InputFault } from '../output/fault.ts';

/** @param option as it was typed, such as `--window-port` @throws InputFault */
export function portOf(option: string, text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 65_535) throw new InputFault(`${option} ${text}: it must be a port from 1 to 65535.`);
  return value;
}
