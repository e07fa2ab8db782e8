import { useDeferredValue, useMemo, useState } from "react";
import type { Fields } from "../catalogue/client";
import { idOf } from "../columns/columns";
import { type Item, items, shownName, spoken } from "../values/metadata";
import { full, short } from "../values/values";

interface Props {
  readonly metadata: Fields;
  readonly columns: readonly string[];
  readonly onColumn: (id: string) => void;
}

/** Lines that are drawn at once; a dataset of 8 MB has tens of thousands. */
const LINES = 300;

/** All items by group, with the reason of each that is absent; each can become a column. */
export function Metadata({ metadata, columns, onColumn }: Props) {
  const [text, setText] = useState("");
  const [most, setMost] = useState(LINES);
  const words = useDeferredValue(text.toLowerCase().trim());
  const all = useMemo(() => items(metadata), [metadata]);
  const found = useMemo(
    () => all.filter((one) => `${spoken(one.path)} ${short(one.value)}`.toLowerCase().includes(words)),
    [all, words],
  );
  const groups = useMemo(() => grouped(found.slice(0, most)), [found, most]);
  return (
    <>
      <h3>Metadata</h3>
      <label>
        Search {all.length} items{" "}
        <input type="search" value={text} onChange={(event) => setText(event.target.value)} />
      </label>
      {groups.map(([group, members]) => (
        <table key={group} className="items">
          <caption>
            <bdi>{group}</bdi>
          </caption>
          <tbody>
            {members.map((one) => (
              <Line
                key={idOf(one.path)}
                item={one}
                chosen={columns.includes(idOf(one.path))}
                onColumn={onColumn}
              />
            ))}
          </tbody>
        </table>
      ))}
      {found.length === 0 && <p>{all.length === 0 ? "This scan has no metadata." : "No item fits."}</p>}
      {found.length > most && (
        <button type="button" onClick={() => setMost(most * 4)}>
          {found.length - most} more
        </button>
      )}
    </>
  );
}

interface LineProps {
  readonly item: Item;
  readonly chosen: boolean;
  readonly onColumn: (id: string) => void;
}

function Line({ item, chosen, onColumn }: LineProps) {
  const name = item.path.slice(1).map(shownName).join(" / ") || (item.path[0] ?? "");
  return (
    <tr>
      <th scope="row">
        <bdi>{name}</bdi>
      </th>
      <td title={full(item.value).slice(0, 2000)}>
        {item.reason === "" ? (
          <>
            <bdi>{short(item.value)}</bdi> <span className="unit">{item.unit}</span>
          </>
        ) : (
          <span className="absent">
            not read: <bdi>{item.reason}</bdi>
          </span>
        )}
      </td>
      <td>
        {!chosen && (
          <button
            type="button"
            onClick={() => onColumn(idOf(item.path))}
            aria-label={`Add ${spoken(item.path)} as column`}
          >
            + column
          </button>
        )}
      </td>
    </tr>
  );
}

function grouped(found: readonly Item[]): [string, Item[]][] {
  const groups = new Map<string, Item[]>();
  for (const one of found) {
    const name = one.path[0] ?? "";
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups];
}
