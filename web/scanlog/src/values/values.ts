/** Values as they are read: significant digits, never converted; the full value for focus and export. */

import { fieldsOf, type Json } from "../catalogue/client";
import { isSummary } from "./metadata";

const DIGITS = 6;
/** Characters of a cell; the full text is in the scan's details. */
export const CELL = 200;
const FULL = 20_000;

export function isNumber(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** A value in a cell. */
export function short(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (isNumber(value)) return shortNumber(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return cut(oneLine(value), CELL);
  if (Array.isArray(value)) return cut(shortList(value), CELL);
  const one = fieldsOf(value);
  return isSummary(one) ? summary(one) : cut(JSON.stringify(value), CELL);
}

/** A value as it was recorded. */
export function full(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return cut(value, FULL);
  if (typeof value === "object") return cut(JSON.stringify(value), FULL);
  return String(value);
}

export function shortNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const size = Math.abs(value);
  const rounded = Number(value.toPrecision(DIGITS));
  return size >= 1e7 || size < 1e-4 ? rounded.toExponential() : String(rounded);
}

function shortList(values: readonly Json[]): string {
  const first = values.slice(0, 8).map(short).join(", ");
  return values.length > 8 ? `${first}, … (${values.length})` : first;
}

function summary(one: { readonly [name: string]: Json }): string {
  const shape = Array.isArray(one.shape) ? one.shape.map(short).join(" × ") : "";
  const range = isNumber(one.min) && isNumber(one.max) ? `, ${short(one.min)} to ${short(one.max)}` : "";
  return `${shape} values${range}`;
}

function oneLine(text: string): string {
  return text
    .slice(0, 4 * CELL)
    .replace(/\s+/g, " ")
    .trim();
}

export function cut(text: string, most: number): string {
  return text.length > most ? `${Array.from(text.slice(0, most)).slice(0, -1).join("")}…` : text;
}

/** A rating of SciCat: half points from 0 to 3; others stand as they are. */
export function isRating(value: Json | undefined): value is number {
  return isNumber(value) && value >= 0 && value <= 3;
}

const UNITS: readonly [number, string][] = [
  [1e12, "TB"],
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "kB"],
];

export function bytes(size: Json | undefined): string {
  if (!isNumber(size) || size <= 0) return "";
  const [scale, unit] = UNITS.find(([least]) => size >= least) ?? [1, "B"];
  return `${Number((size / scale).toPrecision(3))} ${unit}`;
}
