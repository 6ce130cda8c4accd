import type { RecordLog } from '../../main/system/system.ts';

export interface ListLog extends RecordLog {
  readonly lines: readonly string[];
}

/** A record log that is a list: every call is done when it is made. */
export function listLog(): ListLog {
  const lines: string[] = [];
  const texts = (records: readonly unknown[]): string[] => records.map((record) => JSON.stringify(record));
  return {
    lines,
    load: () => Promise.resolve(lines.map((line): unknown => JSON.parse(line))),
    append: (records) => {
      lines.push(...texts(records));
      return Promise.resolve();
    },
    rewrite: (records) => {
      lines.splice(0, lines.length, ...texts(records));
      return Promise.resolve();
    },
  };
}
