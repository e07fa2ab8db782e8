/** Which scans are selected: by their identifiers, so that it stays while rows come, go and move. */

import type { Row } from "../columns/columns";

export interface Selection {
  readonly pids: ReadonlySet<string>;
  /** Where a range begins; null: nowhere. */
  readonly anchor: string | null;
}

export const NONE: Selection = { pids: new Set(), anchor: null };

export function only(pid: string): Selection {
  return { pids: new Set([pid]), anchor: pid };
}

export function toggled({ pids }: Selection, pid: string): Selection {
  const next = new Set(pids);
  if (!next.delete(pid)) next.add(pid);
  return { pids: next, anchor: pid };
}

/** Select from the anchor to a scan, in the order of the table; `adding`: beside what is selected already. */
export function extended(
  selection: Selection,
  rows: readonly Row[],
  pid: string,
  adding: boolean,
): Selection {
  const to = rows.findIndex((one) => one.pid === pid);
  const anchored = rows.findIndex((one) => one.pid === selection.anchor);
  const from = anchored < 0 ? to : anchored;
  if (to < 0) return selection;
  const range = rows.slice(Math.min(from, to), Math.max(from, to) + 1).map((one) => one.pid);
  return {
    pids: new Set(adding ? [...selection.pids, ...range] : range),
    anchor: rows[from]?.pid ?? pid,
  };
}

export function withAll(selection: Selection, rows: readonly Row[]): Selection {
  return { ...selection, pids: new Set([...selection.pids, ...rows.map((one) => one.pid)]) };
}

/** How many of the rows are selected; `all`: each of them. */
export function countIn({ pids }: Selection, rows: readonly Row[]): { count: number; all: boolean } {
  const count = pids.size === 0 ? 0 : rows.filter((one) => pids.has(one.pid)).length;
  return { count, all: rows.length > 0 && count === rows.length };
}

/** What a line says of it. */
export function spoken(selection: Selection, rows: readonly Row[]): string {
  const { size } = selection.pids;
  if (size === 0) return "";
  const { count } = countIn(selection, rows);
  const others = size - count;
  const elsewhere = others === 0 ? "" : `, ${others} of them not among those shown`;
  return `${size === 1 ? "1 scan" : `${size} scans`} selected${elsewhere}.`;
}

export function selectionFrom(text: string | null): Selection {
  try {
    const kept: unknown = JSON.parse(text ?? "[]");
    const pids = Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
    return { pids: new Set(pids), anchor: null };
  } catch {
    return NONE;
  }
}

export function textOf({ pids }: Selection): string {
  return JSON.stringify([...pids]);
}
