/** What a view asks SciCat for: v3's filter. Every name and trap of SciCat's queries that we need is here. */

import { ALWAYS, columnOf, type Row } from "../columns/columns";
import { type Condition, NEWEST_FIRST, type View } from "../view/view";
import type { Fields, Json } from "./client";

export const PAGE = 100;
type Where = { [name: string]: Json };

export interface Filter {
  readonly where: Where;
  readonly fields: readonly string[];
  readonly limits: { readonly limit: number; readonly skip?: number; readonly order: string };
}

/**
 * Where the next page begins. By time: after the last row. By another column: after so many rows, since v3 sorts
 * by one field alone and takes texts for dates, so that "behind the last row" would lose some.
 */
export type Place =
  | { readonly kind: "start" }
  | { readonly kind: "after"; readonly time: string; readonly seen: readonly string[] }
  | { readonly kind: "skip"; readonly rows: number };

export const START: Place = { kind: "start" };

/** Return the filter of one page. `now`: by the server's clock, in milliseconds. */
export function pageFilter(view: View, place: Place, now: number): Filter {
  const order = orderOf(view);
  const where = whereOf(view, now);
  if (place.kind === "after") {
    const bound = view.sort.down ? "lte" : "gte";
    where.creationTime = { ...(where.creationTime as Where | undefined), [bound]: place.time };
    where.pid = { nin: [...place.seen] };
  }
  const limits = { limit: PAGE, order, ...(place.kind === "skip" ? { skip: place.rows } : {}) };
  return { where, fields: fieldsOf(view), limits };
}

/**
 * Return where the page after `rows` begins, or null after the last one.
 * Rows of the very same time as the last one are named, so that none is shown twice and none is left out.
 */
export function nextPlace(view: View, rows: readonly Row[], page: number): Place | null {
  if (page < PAGE) return null;
  if (view.sort.column !== NEWEST_FIRST.column) return { kind: "skip", rows: rows.length };
  const time = rows.at(-1)?.fields.creationTime;
  if (typeof time !== "string") return null;
  return {
    kind: "after",
    time,
    seen: rows.filter((one) => one.fields.creationTime === time).map((one) => one.pid),
  };
}

/** What a page must hold: the columns, what every row needs, and the key that it is sorted by. */
export function fieldsOf(view: View): string[] {
  const wanted = [...ALWAYS, ...view.columns.flatMap((id) => columnOf(id)?.needs ?? []), sortKey(view)];
  const once = [...new Set(wanted)];
  // A name and one inside of it must not stand together: the whole holds the part.
  return once.filter((name) => !once.some((other) => name.startsWith(`${other}.`)));
}

export function whereOf(view: View, now: number): Where {
  const where: Where = {};
  const { period } = view;
  if (period.kind === "last") where.creationTime = { gte: iso(now - period.hours * 3_600_000) };
  if (period.kind === "between") {
    const bounds: Where = {};
    if (period.from !== "") bounds.gte = period.from;
    if (period.to !== "") bounds.lte = period.to;
    where.creationTime = bounds;
  }
  if (view.proposal !== "") where.proposalId = { inq: [view.proposal] };
  const all = view.conditions.map(conditionWhere);
  if (period.kind === "visit") all.push({ "scientificMetadata.scizoo.beamtime": { inq: [period.name] } });
  if (view.text.trim() !== "") all.push(textWhere(view.text.trim()));
  if (all.length > 0) where.and = all;
  return where;
}

const SEARCHED = ["datasetName", "description", "comment"];

/**
 * Return the condition that one of the texts has `text` in it.
 * SciCat takes every text for a date that JavaScript's parser accepts, and then finds nothing; it accepts
 * `scan 1`, but nothing in brackets. `like` is a regular expression: `(?:scan 1)` means the same.
 */
export function textWhere(text: string): Where {
  const pattern = `(?:${text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")})`;
  return { or: SEARCHED.map((name) => ({ [name]: { ilike: pattern } })) };
}

function conditionWhere(condition: Condition): Where {
  const column = columnOf(condition.column);
  const places = column?.path
    ? [column.sort ?? "", column.needs[0] ?? ""]
    : [column?.sort ?? condition.column];
  const tests = places.map((place) => ({ [place]: test(condition) }));
  return tests.length === 1 ? (tests[0] as Where) : { or: tests };
}

function test(condition: Condition): Where {
  if (condition.kind === "set") return { inq: condition.values.flatMap(meant) };
  return {
    ...(condition.from === null ? {} : { gte: condition.from }),
    ...(condition.to === null ? {} : { lte: condition.to }),
  };
}

/** What a text may stand for: `5` is also a number, `yes` also true. Lists are not searched for dates. */
function meant(text: string): Json[] {
  const found: Json[] = [text];
  if (text.trim() !== "" && Number.isFinite(Number(text))) found.push(Number(text));
  if (text === "yes" || text === "true") found.push(true);
  if (text === "no" || text === "false") found.push(false);
  return found;
}

export function orderOf(view: View): string {
  return `${sortKey(view)}:${view.sort.down ? "desc" : "asc"}`;
}

function sortKey(view: View): string {
  return columnOf(view.sort.column)?.sort ?? NEWEST_FIRST.column;
}

export function rowsOf(body: Json): Row[] {
  if (!Array.isArray(body)) return [];
  return body.flatMap((one) => {
    const fields = one as Fields | null;
    const pid = fields?.pid;
    return fields !== null && typeof pid === "string" ? [{ pid, fields }] : [];
  });
}

export function pathOfFilter(filter: Filter): string {
  return `/datasets?filter=${encodeURIComponent(JSON.stringify(filter))}`;
}

function iso(moment: number): string {
  return new Date(moment).toISOString();
}
