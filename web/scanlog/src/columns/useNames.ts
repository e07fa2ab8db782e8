/** Names that were seen: kept in the browser, and learned from whole datasets when columns are chosen. */

import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { type Catalogue, type Fields, fieldsOf } from "../catalogue/client";
import { serverNow } from "../catalogue/clock";
import { pathOfFilter, rowsOf } from "../catalogue/query";
import { metadataOf, type Row } from "./columns";
import { type Names, namesFrom, withMetadata } from "./names";

export interface KnownNames {
  readonly names: Names;
  readonly reading: boolean;
  readonly trouble: Error | null;
  readonly learn: (metadata: Fields) => void;
}

/** Whole datasets that are looked at: one of each kind of scan, and some more. */
const SAMPLES = 12;

export function useNames(
  catalogue: Catalogue,
  owner: string,
  rows: readonly Row[],
  wanted: boolean,
): KnownNames {
  const key = `scanlog.names.${owner}`;
  const [names, setNames] = useState<Names>(() => namesFrom(localStorage.getItem(key)));
  const learn = useCallback((metadata: Fields) => setNames((before) => withMetadata(before, metadata)), []);
  const pids = wanted ? samples(rows) : [];
  const query = useQuery({
    queryKey: ["names", owner, pids.join()],
    enabled: wanted,
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const look = async (where: Fields) => {
        const fields = ["pid", "creationTime", "scientificMetadata"];
        const limits = { limit: 1, order: "creationTime:desc" };
        const { body } = await catalogue.ask(pathOfFilter({ where, fields, limits }), { signal });
        const [row] = rowsOf(body);
        if (row !== undefined) learn(metadataOf(row));
        return row;
      };
      for (const pid of pids) await look({ pid: { inq: [pid] } });
      let before = serverNow();
      for (const days of STEPS) {
        const row = await look({ creationTime: { lt: new Date(before - days * DAY).toISOString() } });
        before = Date.parse(String(row?.fields.creationTime));
        if (Number.isNaN(before)) break; // there is none that is older
      }
      return pids.length;
    },
  });
  useEffect(() => {
    try {
      localStorage.setItem(key, JSON.stringify([...names.values()]));
    } catch {
      localStorage.removeItem(key); // the browser has no room: they are learned again
    }
  }, [key, names]);
  return { names, reading: query.isFetching, trouble: query.error, learn };
}

const DAY = 86_400_000;
/** Days from one scan to an older one, for what neither the first rows nor this view have; by SciCat's index. */
const STEPS = [0, 1, 7, 30, 90, 365];

/** One scan of each macro, program and configuration, then others from all along the table. */
export function samples(rows: readonly Row[]): string[] {
  const chosen = new Map<string, string>();
  for (const row of rows) {
    const { scan, scizoo } = metadataOf(row);
    const kind = JSON.stringify([fieldsOf(scan).macro, fieldsOf(scizoo).configuration]);
    if (!chosen.has(kind)) chosen.set(kind, row.pid);
  }
  const step = Math.max(1, Math.floor(rows.length / SAMPLES));
  const along = rows.filter((_, index) => index % step === 0).map((one) => one.pid);
  return [...new Set([...chosen.values(), ...along])].slice(0, SAMPLES);
}
