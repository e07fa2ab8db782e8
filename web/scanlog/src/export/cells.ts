/** What a scan has in a column, whole, as a file or another program wants it. */

import type { Json } from "../catalogue/client";
import { type Column, cellOf, type Row } from "../columns/columns";

export interface Whole {
  readonly value: string | number;
  readonly unit: string;
}

/** Spreadsheets take no more characters in a cell, and put the rest into the rows below. */
export const MOST = 32_767;
const UNITS: Readonly<Record<string, string>> = { creationTime: "UTC", duration: "s", size: "B" };

/** Return the value as it was recorded: never rounded, never converted. What could not be read is empty. */
export function wholeOf(row: Row, column: Column): Whole {
  const { value, unit } = cellOf(row, column);
  if (column.path !== null) return { value: plain(value), unit: value === undefined ? "" : unit };
  const given = Array.isArray(value) ? value.map((one) => plain(one)).join(", ") : plain(value);
  const whole = column.kind === "time" ? utcTime(given) : given;
  return { value: whole, unit: UNITS[column.id] ?? "" };
}

function plain(value: Json | undefined): string | number {
  if (value === undefined || value === null) return "";
  if (typeof value === "number" && Number.isFinite(value)) return value;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= MOST ? text : cutTo(text);
}

function cutTo(text: string): string {
  const said = `… (${text.length} characters)`;
  return text.slice(0, MOST - said.length).replace(/[\ud800-\udbff]$/, "") + said;
}

function utcTime(text: string | number): string {
  const moment = Date.parse(String(text));
  return Number.isNaN(moment) ? String(text) : new Date(moment).toISOString();
}
