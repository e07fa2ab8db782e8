/** The pictures of scans, small enough for the entry of a logbook. */

import { type Catalogue, CatalogueError, fieldsOf } from "../catalogue/client";
import { isPicture } from "../details/Attachments";
import { pictureOf } from "../opinion/picture";

/** Pixels. */
const LONGEST_SIDE = 480;
/** Characters of all of them: Scanlog's server and nginx pass 24 MB on. */
const MOST = 12_000_000;

export interface Pictures {
  readonly found: ReadonlyMap<string, string>;
  /** Scans whose pictures are not taken: there was no room any more, or they cannot be read. */
  readonly left: number;
}

/** Return the picture of each scan that has one. `onScan`: tells how many were asked for. */
export async function picturesOf(
  catalogue: Catalogue,
  pids: readonly string[],
  onScan: (count: number) => void,
): Promise<Pictures> {
  const found = new Map<string, string>();
  let size = 0;
  let left = 0;
  for (const [at, pid] of pids.entries()) {
    onScan(at + 1);
    const picture = await pictureFor(catalogue, pid);
    if (picture === null) continue;
    if (picture === "" || size + picture.length > MOST) left += 1;
    else {
      size += picture.length;
      found.set(pid, picture);
    }
  }
  return { found, left };
}

/** Null: the scan has none. Empty: it cannot be read. */
async function pictureFor(catalogue: Catalogue, pid: string): Promise<string | null> {
  let thumbnail: unknown;
  try {
    const { body } = await catalogue.ask(`/datasets/${encodeURIComponent(pid)}/thumbnail`);
    thumbnail = fieldsOf(body).thumbnail;
  } catch (error) {
    // A scan without a picture is none that failed.
    if (error instanceof CatalogueError && error.trouble === "missing") return null;
    throw error;
  }
  if (typeof thumbnail !== "string" || thumbnail === "") return null;
  return isPicture(thumbnail) ? pictureOf(blobOf(thumbnail), LONGEST_SIDE).catch(() => "") : "";
}

/** The page's policy lets nothing fetch a data URL. */
function blobOf(address: string): Blob {
  const [head = "", data = ""] = address.split(",");
  const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
  return new Blob([bytes], { type: head.replace(/^data:|;base64$/g, "") });
}
