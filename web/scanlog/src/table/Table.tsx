import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type MouseEvent, useEffect, useMemo, useRef, useState } from "react";
import { HEIGHT, type Look } from "../app/look";
import { type Column, type Row, unitOf } from "../columns/columns";
import { ratingOf } from "../opinion/stars";
import type { Clock } from "../values/times";
import { isNarrowed, type View, widthOf } from "../view/view";
import { HeaderCell } from "./HeaderCell";
import { moveTo } from "./keys";
import { MARK, MarkAll } from "./MarkAll";
import { extended, NONE, only, type Selection, spoken, toggled, withAll } from "./selection";
import { TableRow } from "./TableRow";
import type { Rows } from "./useRows";

export interface Actions {
  readonly open: (pid: string) => void;
  readonly comment: (pid: string) => void;
  readonly rate: (row: Row, rating: number | null) => void;
  readonly help: () => void;
}

interface Props {
  readonly log: Rows;
  /** The rows of the pages with what is live. */
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
  readonly view: View;
  readonly clock: Clock;
  readonly look: Look;
  readonly opened: string | null;
  readonly selection: Selection;
  readonly onView: (view: View) => void;
  readonly onSelection: (selection: Selection) => void;
  readonly actions: Actions;
}

/** Rows that are near the window are asked for before they are seen. */
const AHEAD = 40;

export function Table({
  log,
  rows,
  columns,
  view,
  clock,
  look,
  opened,
  selection,
  onView,
  onSelection,
  actions,
}: Props) {
  const { more, reading, next } = log;
  const scroller = useRef<HTMLDivElement>(null);
  // The scan that the keys are at, wherever it stands: new ones may come above it.
  const [at, setAt] = useState({ pid: "", column: 0 });
  const atRow = useMemo(
    () =>
      Math.max(
        0,
        rows.findIndex((one) => one.pid === at.pid),
      ),
    [rows, at.pid],
  );
  const height = HEIGHT[look.rows];
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => rows[index]?.pid ?? index,
    overscan: 12,
    scrollPaddingStart: height,
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  const widths = useMemo(() => columns.map((one) => widthOf(view, one.id)), [columns, view]);
  const total = widths.reduce((sum, one) => sum + one, MARK);
  const units = useMemo(
    () => new Map(columns.map((one) => [one.id, unitOf(one, rows.slice(0, 200))])),
    [columns, rows],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: all rows have another height now
  useEffect(() => virtual.measure(), [height]);
  useEffect(() => {
    if (more && !reading && last >= rows.length - AHEAD) next();
  }, [more, reading, last, rows.length, next]);

  function pressed(event: KeyboardEvent) {
    if (event.target !== scroller.current || event.altKey) return;
    const control = event.ctrlKey || event.metaKey;
    if (control && event.key !== "a") return;
    const row = rows[atRow];
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? height) / height) - 2);
    const size = { rows: rows.length, columns: columns.length, page };
    const to = moveTo(event.key, { row: atRow, column: at.column }, size);
    const rating = ratingOf(event.key);
    if (control) onSelection(withAll(selection, rows));
    else if (to !== null) moved(rows[to.row]?.pid ?? "", to.row, to.column, event.shiftKey);
    else if (event.key === "Escape" && opened === null && selection.pids.size > 0) onSelection(NONE);
    else if (event.key === "?") actions.help();
    else if (row === undefined) return;
    else if (event.key === " ") onSelection(toggled(selection, row.pid));
    else if (event.key === "Enter") actions.open(row.pid);
    else if (event.key === "c") actions.comment(row.pid);
    else if (rating !== undefined) actions.rate(row, rating);
    else return;
    event.preventDefault();
  }

  function moved(pid: string, row: number, column: number, selecting: boolean) {
    // A range begins where the keys were, not where something was selected long ago.
    const from = rows[atRow]?.pid ?? pid;
    const begun = selection.pids.has(from) && selection.anchor !== null ? selection : only(from);
    if (selecting && row !== atRow) onSelection(extended(begun, rows, pid, false));
    setAt({ pid, column });
    virtual.scrollToIndex(row);
    document.getElementById(`head-${column}`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function clicked(event: MouseEvent) {
    if (!(event.target instanceof Element)) return;
    const pid = event.target.closest<HTMLElement>(".line")?.dataset.pid;
    if (pid === undefined) return;
    const column = event.target.closest<HTMLElement>("[data-column]")?.dataset.column;
    setAt((before) => ({ pid, column: column === undefined ? before.column : Number(column) }));
    const control = event.ctrlKey || event.metaKey;
    const marked = event.target.closest(".mark") !== null;
    if (event.shiftKey) onSelection(extended(selection, rows, pid, control || marked));
    else if (control) onSelection(toggled(selection, pid));
    else if (event.target.closest(".open") !== null) actions.open(pid);
    else onSelection(marked ? toggled(selection, pid) : only(pid));
  }

  function clickedTwice(event: MouseEvent) {
    if (!(event.target instanceof Element) || event.target.closest(".mark") !== null) return;
    const pid = event.target.closest<HTMLElement>(".line")?.dataset.pid;
    if (pid !== undefined) actions.open(pid);
  }

  return (
    <>
      <div
        ref={scroller}
        className="table"
        role="grid"
        aria-label="Scans"
        aria-multiselectable="true"
        aria-rowcount={more ? -1 : rows.length + 1}
        aria-colcount={columns.length + 1}
        aria-busy={reading}
        aria-activedescendant={rows.length > 0 ? `cell-${atRow}-${at.column}` : undefined}
        tabIndex={0}
        onKeyDown={pressed}
      >
        <div role="row" aria-rowindex={1} className="head" style={{ width: total, height }}>
          <MarkAll selection={selection} rows={rows} onSelection={onSelection} />
          {columns.map((column, index) => (
            <HeaderCell
              key={column.id}
              index={index}
              column={column}
              unit={units.get(column.id) ?? ""}
              width={widths[index] ?? column.width}
              view={view}
              onView={onView}
            />
          ))}
        </div>
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it takes the keys */}
        <div
          role="rowgroup"
          className="body"
          style={{ width: total, height: virtual.getTotalSize() }}
          onClick={clicked}
          onDoubleClick={clickedTwice}
          // Shift would mark text between the two clicks.
          onMouseDown={(event) => event.shiftKey && event.preventDefault()}
        >
          {shown.map(({ index, start }) => {
            const row = rows[index];
            return (
              row !== undefined && (
                <TableRow
                  key={row.pid}
                  row={row}
                  index={index}
                  top={start}
                  height={height}
                  columns={columns}
                  widths={widths}
                  units={units}
                  clock={clock}
                  active={atRow === index ? at.column : -1}
                  opened={row.pid === opened}
                  selected={selection.pids.has(row.pid)}
                />
              )
            );
          })}
        </div>
      </div>
      <p className="end" role="status">
        {endOf(log, rows.length, isNarrowed(view))} {spoken(selection, rows)}
      </p>
    </>
  );
}

function endOf({ waiting, more, trouble }: Rows, count: number, narrowed: boolean): string {
  if (waiting) return trouble === null ? "Reading the scans …" : "";
  if (count === 0) return narrowed ? "No scan fits these filters." : "There are no scans that you may see.";
  return more ? "Reading more …" : `All ${count} scans are shown.`;
}
