/** What changed since the last look: which question is asked, and what its answer does to the rows. */

import type { Fields } from "../catalogue/client";
import { type Filter, fieldsOf, whereOf } from "../catalogue/query";
import type { Row } from "../columns/columns";
import { NEWEST_FIRST, type View } from "../view/view";

/** Changes that one look takes; more come with the next, at once. */
export const MOST = 200;
/** A change may be seen this much later than one with a later time: SciCat stamps it before it is stored. */
const OVERLAP = 5_000;
/** Older scans are not looked at: SciCat has no index by the time of changes. */
const WINDOW = 24 * 3_600_000;

export interface Seen {
  /** The latest change that was seen, as SciCat told it: the browser's clock has no part in it. */
  readonly until: string;
  /** Scans that changed shortly before, and were seen. */
  readonly recent: ReadonlyMap<string, string>;
}

export interface Live {
  readonly seen: Seen;
  /** New scans that are announced, newest first. */
  readonly waiting: readonly Row[];
  /** New scans that are shown above the pages, newest first. */
  readonly shown: readonly Row[];
  /** Rows of the pages that have changed. */
  readonly changed: ReadonlyMap<string, Row>;
}

export function begin(rows: readonly Row[], now: number): Live {
  const times = rows.map(updatedAt).filter((one) => one !== "");
  const until = latest(times) || new Date(now).toISOString();
  const seen = withSeen({ until, recent: new Map() }, rows);
  return { seen, waiting: [], shown: [], changed: new Map() };
}

/** Ask for what changed after the last look and, shortly before it, for scans that were not seen. */
export function changesFilter(view: View, seen: Seen, newest: string, now: number): Filter {
  const where = whereOf(view, now);
  const from = new Date((Date.parse(newest) || now) - WINDOW).toISOString();
  const bounds = (where.creationTime ?? {}) as Fields;
  const lower = typeof bounds.gte === "string" && bounds.gte > from ? bounds.gte : from;
  const late = new Date(Date.parse(seen.until) - OVERLAP).toISOString();
  const news = { or: [{ updatedAt: { gt: seen.until } }, { pid: { nin: [...seen.recent.keys()] } }] };
  const others = Array.isArray(where.and) ? where.and : [];
  return {
    // The bound of both stands alone: a database looks a range up in an index, and does not do so inside of an `or`.
    where: {
      ...where,
      creationTime: { ...bounds, gte: lower },
      updatedAt: { gt: late },
      and: [...others, news],
    },
    fields: fieldsOf(view),
    limits: { limit: MOST, order: "updatedAt:asc" },
  };
}

/** Return what is known after an answer. `known`: the scans of the pages. */
export function withChanges(live: Live, found: readonly Row[], known: ReadonlySet<string>): Live {
  if (found.length === 0) return live;
  const news = new Map(found.map((one) => [one.pid, one]));
  const changed = new Map(live.changed);
  for (const [pid, row] of news) if (known.has(pid)) changed.set(pid, row);
  const renewed = (rows: readonly Row[]) => rows.map((one) => news.get(one.pid) ?? one);
  const had = new Set([...live.waiting, ...live.shown].map((one) => one.pid));
  const fresh = [...news.values()].filter((one) => !known.has(one.pid) && !had.has(one.pid));
  return {
    seen: withSeen(live.seen, found),
    waiting: newestFirst([...fresh, ...renewed(live.waiting)]),
    shown: renewed(live.shown),
    changed,
  };
}

/** Show what was announced. */
export function admitted(live: Live): Live {
  return { ...live, waiting: [], shown: newestFirst([...live.waiting, ...live.shown]) };
}

/** The rows of the table: new ones above the pages, changed ones as they are now. */
export function withLive(rows: readonly Row[], live: Live): readonly Row[] {
  if (live.shown.length === 0 && live.changed.size === 0) return rows;
  const above = new Set(live.shown.map((one) => one.pid));
  const pages = rows.filter((one) => !above.has(one.pid)).map((one) => newer(one, live.changed.get(one.pid)));
  // A scan may come late, such as one that waited in an outbox: it stands where its time is.
  return live.shown.length === 0 ? pages : newestFirst([...live.shown, ...pages]);
}

/** Whether new scans belong at the top: else they are somewhere in the order, and all is read again. */
export function comesFirst(view: View): boolean {
  return view.sort.column === NEWEST_FIRST.column && view.sort.down;
}

function newer(row: Row, other: Row | undefined): Row {
  return other !== undefined && updatedAt(other) >= updatedAt(row) ? other : row;
}

function withSeen(seen: Seen, rows: readonly Row[]): Seen {
  const until = latest([seen.until, ...rows.map(updatedAt)]);
  const late = new Date(Date.parse(until) - OVERLAP).toISOString();
  const recent = new Map(seen.recent);
  for (const row of rows) recent.set(row.pid, updatedAt(row));
  for (const [pid, time] of recent) if (time <= late) recent.delete(pid);
  return { until, recent };
}

/** ISO times are ordered as texts are. */
export function latest(times: readonly string[]): string {
  return [...times].sort().at(-1) ?? "";
}

function updatedAt(row: Row): string {
  const time = row.fields.updatedAt;
  return typeof time === "string" ? time : "";
}

function newestFirst(rows: readonly Row[]): Row[] {
  const time = (row: Row) => String(row.fields.creationTime ?? "");
  return [...rows].sort((one, other) => (time(one) < time(other) ? 1 : time(one) > time(other) ? -1 : 0));
}
