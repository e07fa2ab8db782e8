/** Elogy, the logbook, below this page's address: its logbooks, and entries to append to. */

import { type Answer, type Asked, askServer, fieldsOf, type Json } from "../catalogue/client";
import { short } from "../values/values";
import { type Attribute, attributesFrom } from "./attributes";

const ELOGY = { base: "elogy/api/logbooks/", name: "The logbook" };
/** Entries that are offered to append to, the latest first. */
const OFFERED = 20;

export interface Logbook {
  readonly id: number;
  /** With those that it is in, such as `B303A / 20260042`. */
  readonly path: string;
  readonly attributes: readonly Attribute[];
}

export interface EntryChoice {
  readonly id: number;
  readonly title: string;
  readonly by: string;
  readonly time: string;
}

/** Elogy knows no log-in: SciCat's token is never sent to it. */
export function askElogy(path: string, asked: Asked = {}): Promise<Answer> {
  return askServer(ELOGY, path, asked, null);
}

export async function logbooks(signal: AbortSignal): Promise<Logbook[]> {
  const { body } = await askElogy("", { signal });
  return logbooksFrom(fieldsOf(body).logbook, "");
}

/** Return all of a tree; an entry can be in each. */
export function logbooksFrom(root: Json | undefined, above: string): Logbook[] {
  const { children } = fieldsOf(root);
  if (!Array.isArray(children)) return [];
  return children.flatMap((one) => {
    const { id, name, attributes } = fieldsOf(one);
    if (typeof id !== "number") return [];
    const path = `${above}${short(name)}`;
    return [{ id, path, attributes: attributesFrom(attributes) }, ...logbooksFrom(one, `${path} / `)];
  });
}

/** Return those that have every word. */
export function searched(books: readonly Logbook[], text: string): Logbook[] {
  const words = text.toLowerCase().split(/\s+/);
  return books.filter((one) => words.every((word) => one.path.toLowerCase().includes(word)));
}

/** Return the latest entries of a logbook whose titles have a text in them. */
export async function entries(logbook: number, text: string, signal: AbortSignal): Promise<EntryChoice[]> {
  const query = new URLSearchParams({ n: String(OFFERED), ignore_children: "true" });
  // Elogy takes a title for a pattern, and fails where it is none.
  if (text.trim() !== "") query.set("title", text.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const { body } = await askElogy(`${logbook}/entries/?${query}`, { signal });
  const found = fieldsOf(body).entries;
  if (!Array.isArray(found)) return [];
  return found.flatMap((one) => {
    const { id, title, authors, created_at: time } = fieldsOf(one);
    return typeof id === "number"
      ? [{ id, title: short(title) || "(no title)", by: short(authors), time: short(time) }]
      : [];
  });
}
