/** Ratings, comments and pictures, as SciCat takes them; what two people write at once is both kept. */

import { type Catalogue, CatalogueError, type Fields, fieldsOf } from "../catalogue/client";
import { type Comment, has, withComment } from "./comments";

const ATTEMPTS = 6;

function pathOf(pid: string): string {
  return `/datasets/${encodeURIComponent(pid)}`;
}

/** Null takes the rating away. */
export async function rate(catalogue: Catalogue, pid: string, rating: number | null): Promise<Fields> {
  const { body } = await catalogue.ask(pathOf(pid), {
    method: "PATCH",
    body: { dataQualityMetrics: rating },
  });
  return fieldsOf(body);
}

export interface Commented {
  readonly dataset: Fields;
  /** Somebody else wrote between our reading and our writing. */
  readonly merged: boolean;
}

/**
 * Add a comment to what is there now. When the dataset changed between reading and writing SciCat refuses (412), and
 * all is done again. It takes the very time of the last change for too early, so one millisecond is added.
 */
export async function comment(catalogue: Catalogue, pid: string, added: Comment): Promise<Commented> {
  for (let attempt = 1; ; attempt++) {
    const before = fieldsOf((await catalogue.ask(pathOf(pid))).body);
    const text = typeof before.comment === "string" ? before.comment : "";
    if (has(text, added)) return { dataset: before, merged: false };
    const changed = Date.parse(String(before.updatedAt));
    const headers = { "If-Unmodified-Since": new Date(changed + 1).toISOString() };
    try {
      const body = { comment: withComment(text, added) };
      const answer = await catalogue.ask(pathOf(pid), { method: "PATCH", body, headers });
      return { dataset: fieldsOf(answer.body), merged: attempt > 1 };
    } catch (error) {
      const again = error instanceof CatalogueError && error.trouble === "changed" && attempt < ATTEMPTS;
      if (!again) throw error;
    }
  }
}

export async function attach(
  catalogue: Catalogue,
  pid: string,
  group: string,
  caption: string,
  picture: string,
) {
  const body = { ownerGroup: group, caption, thumbnail: picture };
  await catalogue.ask(`${pathOf(pid)}/attachments`, { method: "POST", body });
}
