import { useEffect, useRef } from "react";
import type { Row } from "../columns/columns";
import { countIn, NONE, type Selection, withAll } from "./selection";

interface Props {
  readonly selection: Selection;
  readonly rows: readonly Row[];
  readonly onSelection: (selection: Selection) => void;
}

/** Width of the boxes' column in pixels: a finger's. */
export const MARK = 44;

/** The box that selects all the scans that are shown, or none. */
export function MarkAll({ selection, rows, onSelection }: Props) {
  const box = useRef<HTMLInputElement>(null);
  const { count, all } = countIn(selection, rows);
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = count > 0 && !all;
  }, [count, all]);
  return (
    <div role="columnheader" tabIndex={-1} aria-colindex={1} className="cell mark">
      <label>
        <input
          ref={box}
          type="checkbox"
          checked={all}
          onChange={() => onSelection(all ? NONE : withAll(selection, rows))}
        />
        <span className="hidden">Select all {rows.length} scans that are shown</span>
      </label>
    </div>
  );
}
