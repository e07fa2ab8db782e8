/** A dataset's metadata as a list of items: name by name, with value, unit, or the reason why there is none. */

import type { Fields, Json } from "../catalogue/client";

/** The names from the top to an item, decoded. */
export type Path = readonly string[];

export interface Item {
  readonly path: Path;
  /** Undefined: there is none, and `reason` may say why. */
  readonly value: Json | undefined;
  readonly unit: string;
  readonly reason: string;
  /** Whether it stands as `{value, unit}`, or as a bare value. */
  readonly quantity: boolean;
}

const DEEPEST = 12;
const LEAF = ["value", "error"];

export function isLeaf(entry: Json): boolean {
  if (entry === null || typeof entry !== "object" || Array.isArray(entry)) return true;
  return LEAF.some((name) => Object.hasOwn(entry, name)) || isSummary(entry);
}

/** A large array stands as its shape, type and range. */
export function isSummary(entry: Fields): boolean {
  return Object.hasOwn(entry, "shape") && Object.hasOwn(entry, "dtype");
}

export function itemOf(path: Path, entry: Json): Item {
  if (entry === null || typeof entry !== "object" || Array.isArray(entry) || isSummary(entry))
    return { path, value: entry ?? undefined, unit: "", reason: "", quantity: false };
  const unit = entry.declaredUnit ?? entry.unit;
  const error = entry.error;
  return {
    path,
    value: entry.value ?? undefined,
    unit: typeof unit === "string" ? unit : "",
    reason: typeof error === "string" ? error : "",
    quantity: true,
  };
}

export function items(metadata: Fields, path: Path = []): Item[] {
  return Object.entries(metadata).flatMap(([name, entry]) => {
    const here = [...path, name];
    if (isLeaf(entry) || here.length >= DEEPEST) return [itemOf(here, entry)];
    return items(entry as Fields, here);
  });
}

/** Return the item at a path; undefined where the dataset has none. */
export function itemAt(metadata: Fields, path: Path): Item | undefined {
  let entry: Json | undefined = metadata;
  for (const name of path) {
    if (entry === null || typeof entry !== "object" || Array.isArray(entry)) return undefined;
    entry = Object.hasOwn(entry, name) ? entry[name] : undefined;
    if (entry === undefined) return undefined;
  }
  return entry === undefined ? undefined : itemOf(path, entry);
}

/** SciCat mistakes names that begin with u or v, so SciFish writes an underscore before; it is not shown. */
export function shownName(name: string): string {
  return /^_+[uv]/.test(name) ? name.slice(1) : name;
}

/** The name of an item as people say it: its own, and its group's. */
export function spoken(path: Path): string {
  return path.map((name, at) => (at === 0 ? name : shownName(name))).join(" / ");
}

/** A name as SciCat stores it: URL-encoded, and a dot, which would lead inside, too. */
export function encodeName(name: string): string {
  try {
    return encodeURIComponent(name).replaceAll(".", "%2E");
  } catch {
    return name; // half a surrogate pair: SciCat leaves it as it is
  }
}

export function storedPath(path: Path): string {
  return path.map(encodeName).join(".");
}

export function pathOf(stored: string): Path | null {
  try {
    const names = stored.split(".").map(decodeURIComponent);
    return names.every((one) => one !== "") ? names : null;
  } catch {
    return null;
  }
}
