/** The scans that are exported: those selected, also where the table has not read them; else all that are shown. */

import type { Catalogue } from "../catalogue/client";
import { fieldsOf, orderOf, pathOfFilter, rowsOf } from "../catalogue/query";
import type { Row } from "../columns/columns";
import type { View } from "../view/view";

export interface Exported {
  readonly rows: readonly Row[];
  /** Selected scans that the catalogue does not have, or no longer shows to this person. */
  readonly gone: number;
}

/** Identifiers in one request: an address of some kB is what every proxy takes. */
const AT_ONCE = 40;

export async function exported(
  catalogue: Catalogue,
  view: View,
  selected: ReadonlySet<string>,
  shown: readonly Row[],
): Promise<Exported> {
  if (selected.size === 0) return { rows: shown, gone: 0 };
  const rows = shown.filter((one) => selected.has(one.pid));
  const known = new Set(rows.map((one) => one.pid));
  const others = [...selected].filter((pid) => !known.has(pid));
  for (let at = 0; at < others.length; at += AT_ONCE) {
    const pids = others.slice(at, at + AT_ONCE);
    const limits = { limit: AT_ONCE, order: orderOf(view) };
    const filter = { where: { pid: { inq: pids } }, fields: fieldsOf(view), limits };
    rows.push(...rowsOf((await catalogue.ask(pathOfFilter(filter))).body));
  }
  return { rows, gone: selected.size - rows.length };
}
