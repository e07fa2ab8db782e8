/** Where a key leads in the table. */

export interface At {
  readonly row: number;
  readonly column: number;
}

export function moveTo(
  key: string,
  at: At,
  size: { rows: number; columns: number; page: number },
): At | null {
  const steps: Readonly<Record<string, At>> = {
    ArrowDown: { row: at.row + 1, column: at.column },
    ArrowUp: { row: at.row - 1, column: at.column },
    ArrowRight: { row: at.row, column: at.column + 1 },
    ArrowLeft: { row: at.row, column: at.column - 1 },
    PageDown: { row: at.row + size.page, column: at.column },
    PageUp: { row: at.row - size.page, column: at.column },
    Home: { row: 0, column: at.column },
    End: { row: size.rows - 1, column: at.column },
  };
  const to = steps[key];
  if (to === undefined || size.rows === 0) return null;
  return { row: within(to.row, size.rows), column: within(to.column, size.columns) };
}

function within(index: number, count: number): number {
  return Math.max(0, Math.min(count - 1, index));
}
