/** Scans as a CSV file that spreadsheets and programs read alike: RFC 4180, UTF-8, a row of names, one of units. */

import type { Column, Row } from "../columns/columns";
import { wholeOf } from "./cells";

/** Spreadsheets take a file without it for one in an old encoding. */
const MARK = "\ufeff";
const NEW_LINE = "\r\n";

export function csvOf(columns: readonly Column[], rows: readonly Row[]): string {
  const parts = columns.map((column) => partOf(column, rows));
  const lines = [
    parts.flatMap((one) => one.names),
    parts.flatMap((one) => one.units),
    ...rows.map((_, at) => parts.flatMap((one) => one.values[at] ?? [])),
  ];
  return MARK + lines.map((line) => line.map(field).join(",") + NEW_LINE).join("");
}

interface Part {
  readonly names: readonly string[];
  readonly units: readonly string[];
  readonly values: readonly (readonly (string | number)[])[];
}

/** A column; where its scans have different units a second one beside it names the unit of each. */
function partOf(column: Column, rows: readonly Row[]): Part {
  const cells = rows.map((row) => wholeOf(row, column));
  const units = new Set(cells.filter((one) => one.value !== "").map((one) => one.unit));
  const [unit = ""] = units;
  if (units.size <= 1)
    return { names: [column.title], units: [unit], values: cells.map((one) => [one.value]) };
  return {
    names: [column.title, `${column.title} (unit)`],
    units: ["", ""],
    values: cells.map((one) => [one.value, one.unit]),
  };
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** Return a field of the file. */
export function field(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = guarded(value.replaceAll("\0", ""));
  return /[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Spreadsheets compute what begins with = + - @, and some take `;`, a tab or a new line within a field for the end
 * of it: an apostrophe before it makes it text. A number is none of these.
 */
function guarded(text: string): string {
  return NUMBER.test(text) ? text : text.replace(/(^|[;\t\r\n])([^\S\t\r\n]*[=+\-@＝＋－＠])/g, "$1'$2");
}

/** Return such as `scanlog-20260042-2026-03-01T093000Z.csv`. `now`: milliseconds. */
export function fileName(proposal: string, now: number): string {
  const safe = proposal
    .replace(/[^A-Za-z0-9._-]+/g, "_")
    .replace(/^[._]+/, "")
    .slice(0, 40);
  const time = new Date(now)
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "");
  return `scanlog${safe === "" ? "" : `-${safe}`}-${time}.csv`;
}
