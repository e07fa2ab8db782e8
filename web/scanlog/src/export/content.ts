/** The scans as the HTML table of a logbook's entry. All text is text: it is written by machines and by people. */

import { type Column, cellOf, type Row, unitOf } from "../columns/columns";
import { stars } from "../opinion/stars";
import type { Clock } from "../values/times";
import { isRating } from "../values/values";
import { wholeOf } from "./cells";

export interface Shown {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly clock: Clock;
  /** Where SciCat's own pages are; null: no links. */
  readonly scicatPages: string | null;
  /** By scan, as data URLs. */
  readonly pictures: ReadonlyMap<string, string>;
  /** The address at which Scanlog shows these scans. */
  readonly link: string;
}

/** Characters of a cell: an entry is for people. */
const LONGEST = 2_000;

export function contentOf(shown: Shown): string {
  const { columns, rows, clock, pictures, link } = shown;
  const units = columns.map((one) => unitOf(one, rows));
  const heads = columns.map((one, at) => headOf(one, units[at] ?? "", clock));
  if (pictures.size > 0) heads.push("Picture");
  const head = heads.map((one) => `<th>${escaped(one)}</th>`).join("");
  const body = rows.map((row) => `<tr>${cellsOf(row, units, shown)}</tr>`).join("\n");
  const below = `<p><a href="${escaped(link)}">These scans in Scanlog</a></p>`;
  return `<table border="1">\n<tr>${head}</tr>\n${body}\n</table>\n${below}`;
}

function headOf(column: Column, unit: string, clock: Clock): string {
  if (column.kind === "time") return `${column.title} (${clock.zone})`;
  return unit === "" ? column.title : `${column.title} (${unit})`;
}

function cellsOf(row: Row, units: readonly string[], shown: Shown): string {
  const { columns, clock, scicatPages, pictures } = shown;
  const cells = columns.map((column, at) => {
    const text = escaped(textOf(row, column, units[at] ?? "", clock)).replaceAll("\n", "<br>");
    if (at > 0 || scicatPages === null) return `<td>${text}</td>`;
    const address = `${scicatPages}/datasets/${encodeURIComponent(row.pid)}`;
    return `<td><a href="${escaped(address)}">${text || "scan"}</a></td>`;
  });
  const picture = pictures.get(row.pid);
  if (pictures.size > 0)
    cells.push(`<td>${picture === undefined ? "" : `<img src="${escaped(picture)}">`}</td>`);
  return cells.join("");
}

function textOf(row: Row, column: Column, headUnit: string, clock: Clock): string {
  const cell = cellOf(row, column);
  if (cell.reason !== "") return `not read: ${cell.reason}`.slice(0, LONGEST);
  if (column.kind === "time") return clock.shown(String(cell.value ?? ""));
  if (column.kind === "rating") return isRating(cell.value) ? stars(cell.value) : "";
  const own = cell.unit === "" || cell.unit === headUnit ? "" : ` ${cell.unit}`;
  const long = column.id === "comment" || column.id === "description";
  const text = long ? String(wholeOf(row, column).value).slice(0, LONGEST) : cell.text;
  return text === "" ? "" : `${text}${own}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Control characters have no place in HTML; marks of direction would turn what stands beside them around. */
export function escaped(text: string): string {
  return text
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(/\p{Cc}/gu, (one) => (one === "\n" ? one : " "))
    .replace(/[&<>"']/g, (one) => ENTITIES[one] ?? one);
}
