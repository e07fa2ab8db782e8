/** The names of metadata that have been seen: what a person chooses columns from. */

import type { Fields } from "../catalogue/client";
import { type Item, items, type Path } from "../values/metadata";
import { cut, short } from "../values/values";
import { idOf } from "./columns";

export interface Name {
  readonly id: string;
  readonly path: Path;
  readonly unit: string;
  readonly example: string;
}

export type Names = ReadonlyMap<string, Name>;

/** More are not kept: a site has some thousands. */
export const MOST_NAMES = 12_000;
const EXAMPLE = 60;

export function withItems(names: Names, found: readonly Item[]): Names {
  const next = new Map(names);
  for (const one of found) {
    const id = idOf(one.path);
    const before = next.get(id);
    if (before === undefined && next.size >= MOST_NAMES) continue;
    // A value that could not be read is no example, and takes none away.
    const example = cut(short(one.value), EXAMPLE) || (before?.example ?? "");
    next.set(id, { id, path: one.path, unit: one.unit || (before?.unit ?? ""), example });
  }
  return next;
}

export function withMetadata(names: Names, metadata: Fields): Names {
  return withItems(names, items(metadata));
}

/** Return the names that have every word, the groups in their order; those that begin with a word first. */
export function search(names: Names, text: string): Name[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((one) => one !== "");
  const found = [...names.values()].filter((one) => {
    const place = one.path.join(" ").toLowerCase();
    return words.every((word) => place.includes(word));
  });
  const begins = (one: Name) =>
    words.length > 0 && (one.path.at(-1) ?? "").toLowerCase().startsWith(words[0] ?? "");
  return found.sort(
    (one, other) => Number(begins(other)) - Number(begins(one)) || one.id.localeCompare(other.id),
  );
}

/** Return the path that a text such as `monochromator / exit slit` means; null: it names no group. */
export function pathFrom(text: string): Path | null {
  const parts = text.split("/").map((one) => one.trim());
  return parts.length > 1 && parts.every((one) => one !== "") ? parts : null;
}

export function namesFrom(text: string | null): Names {
  try {
    const kept: unknown = JSON.parse(text ?? "[]");
    if (!Array.isArray(kept)) return new Map();
    return new Map(kept.flatMap((one) => (isName(one) ? [[one.id, one] as const] : [])));
  } catch {
    return new Map();
  }
}

function isName(one: unknown): one is Name {
  if (one === null || typeof one !== "object") return false;
  const { id, path, unit, example } = one as Record<string, unknown>;
  const right = typeof id === "string" && typeof unit === "string" && typeof example === "string";
  return right && Array.isArray(path) && path.every((name) => typeof name === "string") && idOf(path) === id;
}
