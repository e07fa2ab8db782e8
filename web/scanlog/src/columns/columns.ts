/** Columns: fields of a dataset, and any item of its metadata. An id is a field's name, or `~` and a stored path. */

import { type Fields, fieldsOf, type Json } from "../catalogue/client";
import { itemAt, type Path, pathOf, shownName, spoken, storedPath } from "../values/metadata";
import { duration } from "../values/times";
import { bytes, isNumber, short } from "../values/values";

/** A scan: its dataset as far as it was asked for. */
export interface Row {
  readonly pid: string;
  readonly fields: Fields;
}

export type Kind = "time" | "text" | "number" | "rating" | "state";

export interface Column {
  readonly id: string;
  readonly title: string;
  /** What stands in the column's head: an item's own name, with its group beside it. */
  readonly name: string;
  readonly group: string;
  /** Of fields; null: an item of metadata. */
  readonly path: Path | null;
  readonly kind: Kind;
  /** What SciCat is asked for. */
  readonly needs: readonly string[];
  /** What SciCat sorts by; null: it cannot. */
  readonly sort: string | null;
  readonly width: number;
}

const SCAN = "scientificMetadata.scan";

function field(id: string, title: string, more: Partial<Column> = {}): Column {
  return {
    id,
    title,
    name: title,
    group: "",
    path: null,
    kind: "text",
    needs: [id],
    sort: id,
    width: 160,
    ...more,
  };
}

export const FIELDS: readonly Column[] = [
  field("state", "State", { kind: "state", needs: [`${SCAN}.exitStatus`], sort: null, width: 110 }),
  field("creationTime", "Time", { kind: "time", width: 170 }),
  field("datasetName", "Scan", { width: 280 }),
  field("scanID", "Number", {
    kind: "number",
    needs: [`${SCAN}.scanID`],
    sort: `${SCAN}.scanID`,
    width: 90,
  }),
  field("duration", "Duration", {
    kind: "number",
    needs: [`${SCAN}.startTime`, `${SCAN}.endTime`],
    sort: null,
    width: 110,
  }),
  field("proposalIds", "Proposal", { width: 110 }),
  field("sampleIds", "Sample", { width: 140 }),
  field("dataQualityMetrics", "Rating", { kind: "rating", width: 120 }),
  field("comment", "Comment", { width: 240 }),
  field("description", "Description", { width: 240 }),
  field("numberOfFiles", "Files", { kind: "number", width: 80 }),
  field("size", "Size", { kind: "number", width: 100 }),
  field("sourceFolder", "Folder", { width: 320 }),
  field("keywords", "Keywords", { sort: null, width: 180 }),
  field("owner", "Owner", {}),
  field("ownerGroup", "Owner group", {}),
  field("techniques", "Techniques", { sort: null, width: 200 }),
  field("pid", "Identifier", { width: 300 }),
];
const BY_ID = new Map(FIELDS.map((one) => [one.id, one]));

/** What every row has, whatever its columns are: to know it again, to see that it runs, to name its visit. */
export const ALWAYS = [
  "pid",
  "creationTime",
  "updatedAt",
  "ownerGroup",
  "proposalIds",
  `${SCAN}.exitStatus`,
  "scientificMetadata.scizoo.beamtime",
  "scientificMetadata.scizoo.configuration.name",
  `${SCAN}.macro`,
] as const;

export const DEFAULT_COLUMNS = [
  "state",
  "creationTime",
  "datasetName",
  "dataQualityMetrics",
  "comment",
  "duration",
  "numberOfFiles",
];

export function idOf(path: Path): string {
  return `~${storedPath(path)}`;
}

/** Return the column of an id; null for one that there is not. */
export function columnOf(id: string): Column | null {
  if (!id.startsWith("~")) return BY_ID.get(id) ?? null;
  const stored = id.slice(1);
  const path = pathOf(stored);
  if (path === null) return null;
  const place = `scientificMetadata.${stored}`;
  const name = shownName(path.at(-1) ?? "");
  const group = path.slice(0, -1).map(shownName).join(" / ");
  const sort = `${place}.value`;
  return { id, title: spoken(path), name, group, path, kind: "text", needs: [place], sort, width: 160 };
}

export function metadataOf(row: Row): Fields {
  return fieldsOf(row.fields.scientificMetadata);
}

export interface Cell {
  readonly text: string;
  readonly value: Json | undefined;
  readonly unit: string;
  /** Why there is no value. */
  readonly reason: string;
  readonly numeric: boolean;
}

const EMPTY: Cell = { text: "", value: undefined, unit: "", reason: "", numeric: false };

/** Return what a row shows in a column; times are left to who knows the zone. */
export function cellOf(row: Row, column: Column): Cell {
  if (column.path !== null) {
    const item = itemAt(metadataOf(row), column.path);
    if (item === undefined) return EMPTY;
    const { value, unit, reason } = item;
    return { text: short(value), value, unit, reason, numeric: isNumber(value) };
  }
  const value = fieldValue(row, column.id);
  return {
    text: fieldText(column.id, value),
    value,
    unit: "",
    reason: "",
    numeric: column.kind === "number",
  };
}

function fieldValue(row: Row, id: string): Json | undefined {
  const scan = fieldsOf(metadataOf(row).scan);
  if (id === "state") return stateOf(row);
  if (id === "scanID") return scan.scanID;
  if (id === "duration") return seconds(scan.startTime, scan.endTime);
  if (id === "proposalIds" || id === "sampleIds") return known(row.fields[id]);
  if (id === "techniques") return names(row.fields[id]);
  return row.fields[id];
}

function fieldText(id: string, value: Json | undefined): string {
  if (id === "duration") return isNumber(value) ? duration(value) : "";
  if (id === "size") return bytes(value);
  return short(value);
}

export type State = "running" | "done" | "failed" | "";

/** SciFish writes the exit status with the end: a scan of its without one is running, or was never ended. */
export function stateOf(row: Row): string {
  const scan = metadataOf(row).scan;
  if (scan === undefined) return "";
  const status = fieldsOf(scan).exitStatus;
  return typeof status === "string" && status !== "" ? status : "running";
}

function seconds(from: Json | undefined, to: Json | undefined): number | undefined {
  const took = Date.parse(String(to)) - Date.parse(String(from));
  return Number.isNaN(took) ? undefined : took / 1000;
}

/** SciCat keeps `[null]` for an identifier that is absent. */
function known(value: Json | undefined): Json | undefined {
  return Array.isArray(value) ? value.filter((one) => one !== null) : value;
}

function names(value: Json | undefined): Json | undefined {
  return Array.isArray(value) ? value.map((one) => fieldsOf(one).name ?? one) : value;
}

/** The unit of a column, where all the rows that have a value have the same one. */
export function unitOf(column: Column, rows: readonly Row[]): string {
  if (column.path === null) return "";
  let unit: string | null = null;
  for (const row of rows) {
    const cell = cellOf(row, column);
    if (cell.value === undefined) continue;
    if (unit !== null && unit !== cell.unit) return "";
    unit = cell.unit;
  }
  return unit ?? "";
}
