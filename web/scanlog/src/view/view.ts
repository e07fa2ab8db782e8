/** A view: which columns, in which order, of which scans. The address of the page is the view. */

import { columnOf, DEFAULT_COLUMNS } from "../columns/columns";

export type Period =
  | { readonly kind: "always" }
  | { readonly kind: "last"; readonly hours: number }
  /** ISO times; an empty one is open. */
  | { readonly kind: "between"; readonly from: string; readonly to: string }
  | { readonly kind: "visit"; readonly name: string };

export type Condition =
  | {
      readonly kind: "range";
      readonly column: string;
      readonly from: number | null;
      readonly to: number | null;
    }
  | { readonly kind: "set"; readonly column: string; readonly values: readonly string[] };

export interface View {
  readonly columns: readonly string[];
  /** In pixels; a column without one has its own. */
  readonly widths: Readonly<Record<string, number>>;
  readonly sort: { readonly column: string; readonly down: boolean };
  readonly period: Period;
  readonly proposal: string;
  readonly text: string;
  readonly conditions: readonly Condition[];
}

export const NEWEST_FIRST = { column: "creationTime", down: true } as const;
export const DEFAULT_VIEW: View = {
  columns: DEFAULT_COLUMNS,
  widths: {},
  sort: NEWEST_FIRST,
  period: { kind: "always" },
  proposal: "",
  text: "",
  conditions: [],
};

export const NARROWEST = 60;
export const WIDEST = 900;
const MOST_COLUMNS = 60;

export function widthOf(view: View, id: string): number {
  return view.widths[id] ?? columnOf(id)?.width ?? 140;
}

export function withColumn(view: View, id: string, at?: number): View {
  if (view.columns.includes(id) || columnOf(id) === null || view.columns.length >= MOST_COLUMNS) return view;
  const columns = [...view.columns];
  columns.splice(at ?? columns.length, 0, id);
  return { ...view, columns };
}

/** Hide a column; what it sorted and filtered by goes with it, for nobody would see why. */
export function withoutColumn(view: View, id: string): View {
  return {
    ...view,
    columns: view.columns.filter((one) => one !== id),
    sort: view.sort.column === id ? NEWEST_FIRST : view.sort,
    conditions: view.conditions.filter((one) => one.column !== id),
  };
}

export function moved(view: View, id: string, to: number): View {
  const from = view.columns.indexOf(id);
  if (from < 0) return view;
  const columns = view.columns.filter((one) => one !== id);
  columns.splice(Math.max(0, Math.min(to, columns.length)), 0, id);
  return { ...view, columns };
}

export function resized(view: View, id: string, width: number): View {
  const within = Math.round(Math.max(NARROWEST, Math.min(WIDEST, width)));
  return { ...view, widths: { ...view.widths, [id]: within } };
}

/** Sort by a column; once more turns the order around. */
export function sortedBy(view: View, id: string): View {
  const same = view.sort.column === id;
  return { ...view, sort: { column: id, down: same ? !view.sort.down : true } };
}

export function withCondition(view: View, condition: Condition): View {
  const others = view.conditions.filter((one) => one.column !== condition.column);
  return { ...view, conditions: isEmpty(condition) ? others : [...others, condition] };
}

function isEmpty(condition: Condition): boolean {
  if (condition.kind === "set") return condition.values.length === 0;
  return condition.from === null && condition.to === null;
}

/** Whether fewer scans than all are shown. */
export function isNarrowed(view: View): boolean {
  return (
    view.period.kind !== "always" || view.proposal !== "" || view.text !== "" || view.conditions.length > 0
  );
}
