import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Catalogue, fieldsOf, type Json } from "../catalogue/client";
import { bytes, isNumber, short } from "../values/values";

interface Props {
  readonly path: string;
  readonly catalogue: Catalogue;
  readonly owner: string;
  readonly count: Json | undefined;
}

/** A scan may have 500,000 files: the first are enough to find the others. */
const MOST = 200;

export function Files({ path, catalogue, owner, count }: Props) {
  const [wanted, setWanted] = useState(false);
  const query = useQuery({
    queryKey: ["files", owner, path],
    enabled: wanted,
    queryFn: async ({ signal }) => filesOf((await catalogue.ask(`${path}/origdatablocks`, { signal })).body),
  });
  if (!isNumber(count) || count <= 0) return null;
  return (
    <details onToggle={(event) => setWanted(event.currentTarget.open)}>
      <summary>Files ({count})</summary>
      {query.isFetching && <p role="status">Reading the list of files …</p>}
      {query.error !== null && <p role="alert">{query.error.message}</p>}
      <ul className="files">
        {query.data?.slice(0, MOST).map(([name, size], index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two blocks may name the same file
          <li key={index}>
            <bdi>{name}</bdi> <span className="unit">{size}</span>
          </li>
        ))}
      </ul>
      {(query.data?.length ?? 0) > MOST && <p>The first {MOST} are shown.</p>}
    </details>
  );
}

export function filesOf(blocks: Json): [string, string][] {
  if (!Array.isArray(blocks)) return [];
  return blocks.flatMap((block) => {
    const files = fieldsOf(block).dataFileList;
    if (!Array.isArray(files)) return [];
    return files.map((file): [string, string] => [short(fieldsOf(file).path), bytes(fieldsOf(file).size)]);
  });
}
