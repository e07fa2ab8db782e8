import { type PointerEvent, useRef, useState } from "react";
import type { Column } from "../columns/columns";
import { moved, resized, sortedBy, type View, withoutColumn } from "../view/view";
import { ColumnMenu } from "./ColumnMenu";

interface Props {
  readonly index: number;
  readonly column: Column;
  readonly unit: string;
  readonly width: number;
  readonly view: View;
  readonly onView: (view: View) => void;
}

const DRAGGED = "text/x-scanlog-column";

/** A column's head: sort by a click, move by drag, width at its edge; the menu does all of it by keyboard and touch. */
export function HeaderCell({ index, column, unit, width, view, onView }: Props) {
  const [menu, setMenu] = useState(false);
  const [over, setOver] = useState(false);
  const sorted = view.sort.column === column.id;
  const filtered = view.conditions.some((one) => one.column === column.id);
  return (
    <div
      id={`head-${index}`}
      role="columnheader"
      tabIndex={-1}
      aria-colindex={index + 2}
      aria-sort={sorted ? (view.sort.down ? "descending" : "ascending") : "none"}
      className={over ? "cell over" : "cell"}
      style={{ width }}
      draggable
      onDragStart={(event) => event.dataTransfer.setData(DRAGGED, column.id)}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(DRAGGED)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onView(moved(view, event.dataTransfer.getData(DRAGGED), index));
      }}
    >
      <button
        type="button"
        className="name"
        disabled={column.sort === null}
        title={column.sort === null ? `${column.title}: SciCat cannot sort by it` : `Sort by ${column.title}`}
        onClick={() => onView(sortedBy(view, column.id))}
      >
        <bdi>{column.name}</bdi>
        {unit !== "" && <span className="unit"> {unit}</span>}
        {column.group !== "" && (
          <small>
            {" "}
            <bdi>{column.group}</bdi>
          </small>
        )}
        {sorted && <span aria-hidden="true"> {view.sort.down ? "↓" : "↑"}</span>}
      </button>
      <button
        type="button"
        className={filtered ? "menu filtered" : "menu"}
        aria-haspopup="dialog"
        aria-label={`${column.title}: ${filtered ? "filtered; " : ""}filter, move, width`}
        onClick={() => setMenu(true)}
      >
        {filtered ? "▼" : "▾"}
      </button>
      <button
        type="button"
        className="menu"
        aria-label={`Hide the column ${column.title}`}
        onClick={() => onView(withoutColumn(view, column.id))}
      >
        ×
      </button>
      <Edge width={width} onWidth={(to) => onView(resized(view, column.id, to))} />
      {menu && (
        <ColumnMenu
          column={column}
          unit={unit}
          index={index}
          width={width}
          view={view}
          onView={onView}
          onClose={() => setMenu(false)}
        />
      )}
    </div>
  );
}

/** The edge that is dragged; the width is also in the column's menu. */
function Edge({ width, onWidth }: { readonly width: number; readonly onWidth: (to: number) => void }) {
  const from = useRef<{ x: number; width: number } | null>(null);
  function began(event: PointerEvent<HTMLSpanElement>) {
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { x: event.clientX, width };
    event.preventDefault();
  }
  return (
    <span
      className="edge"
      aria-hidden="true"
      draggable={false}
      onPointerDown={began}
      onPointerMove={(event) => {
        if (from.current !== null) onWidth(from.current.width + event.clientX - from.current.x);
      }}
      onPointerUp={() => {
        from.current = null;
      }}
    />
  );
}
