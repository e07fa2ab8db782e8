/** A view as the query of an address, and back: a colleague's link shows the same. What is not understood is left out. */

import { columnOf } from "../columns/columns";
import { type Condition, DEFAULT_VIEW, type Period, resized, type View } from "./view";

/** Return such as `c=creationTime&c=~mono.energy&s=-creationTime&t=8h`; what is as by default is left out. */
export function addressOf(view: View): string {
  const query = new URLSearchParams();
  if (view.columns.join("\n") !== DEFAULT_VIEW.columns.join("\n"))
    for (const id of view.columns) query.append("c", id);
  for (const [id, width] of Object.entries(view.widths)) query.append("w", `${width}:${id}`);
  const { column, down } = view.sort;
  if (column !== DEFAULT_VIEW.sort.column || !down) query.set("s", `${down ? "-" : "+"}${column}`);
  const period = periodText(view.period);
  if (period !== "") query.set("t", period);
  if (view.proposal !== "") query.set("p", view.proposal);
  if (view.text !== "") query.set("q", view.text);
  for (const one of view.conditions) query.append("f", conditionText(one));
  return query.toString();
}

export function viewOf(address: string): View {
  const query = new URLSearchParams(address);
  const columns = [...new Set(query.getAll("c"))].filter((id) => columnOf(id) !== null);
  const view: View = {
    ...DEFAULT_VIEW,
    columns: columns.length > 0 ? columns : DEFAULT_VIEW.columns,
    sort: sortOf(query.get("s") ?? "") ?? DEFAULT_VIEW.sort,
    period: periodOf(query.get("t") ?? ""),
    proposal: (query.get("p") ?? "").trim().slice(0, 200),
    text: (query.get("q") ?? "").slice(0, 200),
    conditions: query.getAll("f").flatMap((text) => conditionOf(text) ?? []),
  };
  return query.getAll("w").reduce(widthIn, view);
}

/** Whether an address says anything of a view. */
export function namesView(address: string): boolean {
  const query = new URLSearchParams(address);
  return ["c", "w", "s", "t", "p", "q", "f", "o"].some((name) => query.has(name));
}

/** A view, and the scan whose details stand beside it. */
export interface Place {
  readonly view: View;
  readonly opened: string | null;
}

/** The usual view is said too: else a colleague's browser would show the one that it had last. */
const USUAL = `s=-${DEFAULT_VIEW.sort.column}`;

export function linkOf({ view, opened }: Place): string {
  const query = addressOf(view) || USUAL;
  return opened === null ? query : `${query}&${new URLSearchParams({ o: opened })}`;
}

export function placeOf(address: string): Place {
  return { view: viewOf(address), opened: new URLSearchParams(address).get("o") || null };
}

/** Whether two places differ in widths alone: a drag of an edge is no step that leads back. */
export function sameButWidths(one: Place, other: Place): boolean {
  const plain = ({ view, opened }: Place) => linkOf({ view: { ...view, widths: {} }, opened });
  return plain(one) === plain(other);
}

function widthIn(view: View, text: string): View {
  const [, width, id] = /^(\d{1,4}):(.+)$/s.exec(text) ?? [];
  return id !== undefined && columnOf(id) !== null ? resized(view, id, Number(width)) : view;
}

function sortOf(text: string): View["sort"] | null {
  const column = text.slice(1);
  if (!/^[+\- ]/.test(text) || (columnOf(column)?.sort ?? null) === null) return null;
  return { column, down: text.startsWith("-") };
}

function periodText(period: Period): string {
  if (period.kind === "last") return `${period.hours}h`;
  if (period.kind === "between") return `${period.from}..${period.to}`;
  return period.kind === "visit" ? `visit:${period.name}` : "";
}

function periodOf(text: string): Period {
  if (text.startsWith("visit:") && text.length > 6) return { kind: "visit", name: text.slice(6, 200) };
  const [, hours] = /^(\d{1,5})h$/.exec(text) ?? [];
  if (hours !== undefined && Number(hours) > 0) return { kind: "last", hours: Number(hours) };
  const [from, to, ...more] = text.split("..");
  if (from === undefined || to === undefined || more.length > 0) return { kind: "always" };
  const period = { kind: "between", from: timeOf(from), to: timeOf(to) } as const;
  return period.from === "" && period.to === "" ? { kind: "always" } : period;
}

function timeOf(text: string): string {
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? "" : new Date(moment).toISOString();
}

function conditionText(condition: Condition): string {
  const { column } = condition;
  if (condition.kind === "set") return JSON.stringify([column, ...condition.values]);
  return JSON.stringify({ column, from: condition.from, to: condition.to });
}

function conditionOf(text: string): Condition | null {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return null;
  }
  if (Array.isArray(given)) {
    const [column, ...values] = given.filter((one) => typeof one === "string");
    return isColumn(column) && values.length > 0 ? { kind: "set", column, values } : null;
  }
  if (given === null || typeof given !== "object") return null;
  const { column, from, to } = given as Record<string, unknown>;
  if (!isColumn(column)) return null;
  const range = { from: bound(from), to: bound(to) };
  return range.from === null && range.to === null ? null : { kind: "range", column, ...range };
}

function isColumn(id: unknown): id is string {
  return typeof id === "string" && (columnOf(id)?.sort ?? null) !== null;
}

function bound(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
