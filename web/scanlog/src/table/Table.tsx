import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { HEIGHT, type Look } from "../app/look";
import { type Column, type Row, unitOf } from "../columns/columns";
import { ratingOf } from "../opinion/stars";
import type { Clock } from "../values/times";
import { isNarrowed, type View, widthOf } from "../view/view";
import { HeaderCell } from "./HeaderCell";
import { moveTo } from "./keys";
import { TableRow } from "./TableRow";
import type { Rows } from "./useRows";

interface Props {
  readonly log: Rows;
  /** The rows of the pages with what is live. */
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
  readonly view: View;
  readonly clock: Clock;
  readonly look: Look;
  readonly opened: string | null;
  readonly onView: (view: View) => void;
  readonly onOpen: (pid: string) => void;
  readonly onComment: (pid: string) => void;
  readonly onRate: (row: Row, rating: number | null) => void;
  readonly onHelp: () => void;
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
  onView,
  onOpen,
  onComment,
  onRate,
  onHelp,
}: Props) {
  const { more, reading, next } = log;
  const scroller = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState({ row: 0, column: 0 });
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
  const widths = columns.map((one) => widthOf(view, one.id));
  const total = widths.reduce((sum, one) => sum + one, 0);
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
    if (event.target !== scroller.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? height) / height) - 2);
    const to = moveTo(event.key, at, { rows: rows.length, columns: columns.length, page });
    const row = rows[at.row];
    const rating = ratingOf(event.key);
    if (to !== null) {
      setAt(to);
      virtual.scrollToIndex(to.row);
      document.getElementById(`head-${to.column}`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else if (event.key === "Enter" && row !== undefined) onOpen(row.pid);
    else if (event.key === "c" && row !== undefined) onComment(row.pid);
    else if (rating !== undefined && row !== undefined) onRate(row, rating);
    else if (event.key === "?") onHelp();
    else return;
    event.preventDefault();
  }

  return (
    <>
      <div
        ref={scroller}
        className="table"
        role="grid"
        aria-label="Scans"
        aria-rowcount={more ? -1 : rows.length + 1}
        aria-colcount={columns.length}
        aria-busy={reading}
        aria-activedescendant={rows.length > 0 ? `cell-${at.row}-${at.column}` : undefined}
        tabIndex={0}
        onKeyDown={pressed}
      >
        <div role="row" aria-rowindex={1} className="head" style={{ width: total, height }}>
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
        <div role="rowgroup" className="body" style={{ width: total, height: virtual.getTotalSize() }}>
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
                  active={at.row === index ? at.column : -1}
                  opened={row.pid === opened}
                  onAt={(column) => setAt({ row: index, column })}
                  onOpen={onOpen}
                />
              )
            );
          })}
        </div>
      </div>
      <p className="end" role="status">
        {endOf(log, rows.length, isNarrowed(view))}
      </p>
    </>
  );
}

function endOf({ waiting, more, trouble }: Rows, count: number, narrowed: boolean): string {
  if (waiting) return trouble === null ? "Reading the scans …" : "";
  if (count === 0) return narrowed ? "No scan fits these filters." : "There are no scans that you may see.";
  return more ? "Reading more …" : `All ${count} scans are shown.`;
}
