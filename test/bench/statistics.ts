/** Numbers of several runs, and how they are shown. */

/** The middle one; of an even number the mean of the two in the middle. @throws RangeError when there are none */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new RangeError('no values');
  return (low + high) / 2;
}

/** `4.2`, `58`, `2058`: three digits that mean something. */
export function msText(ms: number): string {
  return ms.toFixed(ms < 10 ? 1 : 0);
}

export function ratioText(of: number, to: number): string {
  const ratio = of / to;
  return `${ratio.toFixed(ratio < 0.1 ? 3 : ratio < 10 ? 2 : 1)} x`;
}

/** `0 %`, `2.5 %`, `34 %`. */
export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent.toFixed(percent > 0 && percent < 10 ? 1 : 0)} %`;
}

/** Columns as wide as their widest cell; the first `left` are aligned left, the others right. */
export function table(rows: readonly (readonly string[])[], left: number): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column < left ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
