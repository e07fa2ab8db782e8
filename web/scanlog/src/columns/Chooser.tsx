import { useVirtualizer } from "@tanstack/react-virtual";
import { useDeferredValue, useMemo, useRef, useState } from "react";
import { Dialog } from "../app/Dialog";
import { spoken } from "../values/metadata";
import { type View, withColumn, withoutColumn } from "../view/view";
import { FIELDS, idOf } from "./columns";
import { pathFrom, search } from "./names";
import type { KnownNames } from "./useNames";

interface Props {
  readonly view: View;
  readonly names: KnownNames;
  readonly onView: (view: View) => void;
  readonly onClose: () => void;
}

interface Choice {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly example: string;
}

const LINE = 44;

/** All names that are known, with unit and an example; a tick shows the column. */
export function Chooser({ view, names, onView, onClose }: Props) {
  const [text, setText] = useState("");
  const words = useDeferredValue(text);
  const scroller = useRef<HTMLElement>(null);
  const choices = useMemo(() => found(names, words), [names, words]);
  const virtual = useVirtualizer({
    count: choices.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    initialRect: { width: 600, height: 400 },
    overscan: 10,
  });
  return (
    <Dialog title="Columns" onClose={onClose}>
      <label>
        Search {names.names.size + FIELDS.length} names{" "}
        <input type="search" value={text} onChange={(event) => setText(event.target.value)} />
      </label>
      <p role="status">
        {names.reading ? "Looking at the metadata of some scans …" : `${choices.length} found.`}
        {names.trouble !== null && ` Not all could be read: ${names.trouble.message}`}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard */}
      <section ref={scroller} className="choices" tabIndex={0} aria-label="Names">
        <div style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const one = choices[index];
            if (one === undefined) return null;
            const chosen = view.columns.includes(one.id);
            return (
              <label
                key={one.id}
                className="choice"
                style={{ height: LINE, transform: `translateY(${start}px)` }}
              >
                <input
                  type="checkbox"
                  checked={chosen}
                  onChange={() => onView(chosen ? withoutColumn(view, one.id) : withColumn(view, one.id))}
                />
                <bdi className="name">{one.title}</bdi>
                <bdi className="example">
                  {one.example} {one.unit}
                </bdi>
              </label>
            );
          })}
        </div>
      </section>
    </Dialog>
  );
}

function found(names: KnownNames, text: string): Choice[] {
  const wanted = text.trim().toLowerCase();
  const fields = FIELDS.filter((one) => one.title.toLowerCase().includes(wanted));
  const seen = search(names.names, text).map(({ id, path, unit, example }) => ({
    id,
    title: spoken(path),
    unit,
    example,
  }));
  const typed = pathFrom(text);
  const unseen = typed !== null && seen.every((one) => one.title !== spoken(typed));
  return [
    ...fields.map(({ id, title }) => ({ id, title, unit: "", example: "" })),
    ...seen,
    ...(unseen ? [{ id: idOf(typed), title: spoken(typed), unit: "", example: "not seen yet" }] : []),
  ];
}
