import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useId, useState } from "react";
import { entries } from "./logbooks";

interface Props {
  readonly logbook: number;
  readonly chosen: number | null;
  readonly onEntry: (id: number) => void;
}

/** The entry to append to: the latest of the logbook, or those that a text finds. */
export function EntryChooser({ logbook, chosen, onEntry }: Props) {
  const [text, setText] = useState("");
  const words = useDeferredValue(text);
  const id = useId();
  const query = useQuery({
    queryKey: ["entries", logbook, words],
    queryFn: ({ signal }) => entries(logbook, words, signal),
    staleTime: 5_000,
  });
  return (
    <>
      <label>
        Search entries by title{" "}
        <input type="search" value={text} onChange={(event) => setText(event.target.value)} />
      </label>
      <label htmlFor={id}>Append to</label>
      <select
        id={id}
        size={6}
        required
        value={chosen ?? ""}
        onChange={(event) => onEntry(Number(event.target.value))}
      >
        {chosen !== null && query.data?.every((one) => one.id !== chosen) && (
          <option value={chosen}>entry {chosen}</option>
        )}
        {query.data?.map((one) => (
          <option key={one.id} value={one.id}>
            {`${one.title} (${one.id}, ${one.by}, ${one.time})`}
          </option>
        ))}
      </select>
      {query.error !== null && <p role="alert">{query.error.message}</p>}
      {query.data?.length === 0 && <p>No entry is found.</p>}
    </>
  );
}
