/** Writes an entry once: also when it is sent twice, from two tabs, or when the answer to the first was lost. */

import { fieldsOf, type Json } from "../catalogue/client";
import { askElogy } from "./logbooks";

export interface Target {
  readonly logbook: number;
  /** The entry that this one is appended to; null: it is a new one. */
  readonly follows: number | null;
}

export interface NewEntry {
  readonly title: string;
  readonly content: string;
  readonly author: string;
  readonly attributes: Readonly<Record<string, Json>>;
  /** The same for the same scans, whatever their order. */
  readonly mark: string;
}

export interface Sent {
  readonly id: number;
  /** False: these scans were there already, and nothing was written. */
  readonly fresh: boolean;
}

/**
 * Elogy itself keeps nothing from being there twice. So it is asked before, and again after: who finds one that came
 * before takes its own away. Identifiers grow, so that of two who write at once both know who came first.
 */
export async function send(target: Target, entry: NewEntry): Promise<Sent> {
  const before = await withMark(target, entry.mark);
  if (before !== null) return { id: before, fresh: false };
  const { title, content, author, attributes, mark } = entry;
  const body = {
    title,
    content,
    content_type: "text/html",
    authors: [{ name: author, login: author }],
    attributes: { ...attributes },
    metadata: { scanlog: mark },
  };
  const path = `${target.logbook}/entries/${target.follows === null ? "" : `${target.follows}/`}`;
  const { id } = fieldsOf(fieldsOf((await askElogy(path, { method: "POST", body })).body).entry);
  if (typeof id !== "number") throw new Error("The logbook did not say which entry it made.");
  const first = (await withMark(target, mark)) ?? id;
  if (first === id) return { id, fresh: true };
  const away = { revision_n: 0, archived: true };
  await askElogy(`${target.logbook}/entries/${id}/`, { method: "PUT", body: away });
  return { id: first, fresh: false };
}

/** Return the first entry of these scans at this very place; null: there is none. */
async function withMark({ logbook, follows }: Target, mark: string): Promise<number | null> {
  const query = new URLSearchParams({ metadata: `scanlog:${mark}`, ignore_children: "true" });
  const { entries } = fieldsOf((await askElogy(`${logbook}/entries/?${query}`)).body);
  const ids = (Array.isArray(entries) ? entries : []).map((one) => fieldsOf(one).id);
  const numbers = ids.filter((one) => typeof one === "number").sort((one, other) => one - other);
  for (const id of numbers) {
    // A list does not say what an entry follows.
    const { entry } = fieldsOf((await askElogy(`${logbook}/entries/${id}/`)).body);
    if ((fieldsOf(entry).follows ?? null) === follows) return id;
  }
  return null;
}

/** A mark of the scans. Not a secret, so it needs no cryptography, which browsers have at https alone. */
export function markOf(pids: Iterable<string>): string {
  const sorted = [...pids].sort();
  const text = sorted.join("\n");
  return [sorted.length, ...[0, 1, 2, 3].map((seed) => hash(text, seed))].join("-");
}

/** FNV-1a of 32 bits, mixed at its end, as eight hexadecimal digits. */
function hash(text: string, seed: number): string {
  let value = 0x811c9dc5 ^ Math.imul(seed, 0x9e3779b1);
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return ((value ^ (value >>> 16)) >>> 0).toString(16).padStart(8, "0");
}
