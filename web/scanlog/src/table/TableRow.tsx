import { memo } from "react";
import type { Json } from "../catalogue/client";
import { type Cell, type Column, cellOf, type Row } from "../columns/columns";
import { commentsOf } from "../opinion/comments";
import { stars } from "../opinion/stars";
import type { Clock } from "../values/times";
import { utc } from "../values/times";
import { full, isRating, short } from "../values/values";

interface Props {
  readonly row: Row;
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly columns: readonly Column[];
  readonly widths: readonly number[];
  readonly units: ReadonlyMap<string, string>;
  readonly clock: Clock;
  /** The column of the cell that the keys are at; -1: another row. */
  readonly active: number;
  readonly opened: boolean;
  readonly selected: boolean;
}

/** The table around it takes keys and clicks, so that a row is drawn again only when it shows something else. */
function Shown({ row, index, top, height, columns, widths, units, clock, active, opened, selected }: Props) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={`line${opened ? " opened" : ""}${selected ? " selected" : ""}`}
      style={{ height, transform: `translateY(${top}px)` }}
      data-pid={row.pid}
    >
      <div role="gridcell" tabIndex={-1} aria-colindex={1} className="cell mark">
        <input
          type="checkbox"
          tabIndex={-1}
          checked={selected}
          readOnly
          aria-label={`Select ${short(row.fields.datasetName) || row.pid}`}
        />
      </div>
      {columns.map((column, at) => {
        const cell = cellOf(row, column);
        const content = (
          <Content column={column} cell={cell} unit={units.get(column.id) ?? ""} clock={clock} />
        );
        return (
          <div
            key={column.id}
            id={`cell-${index}-${at}`}
            role="gridcell"
            tabIndex={-1}
            aria-colindex={at + 2}
            className={classOf(column, cell, at === active)}
            style={{ width: widths[at] }}
            title={titleOf(column, cell)}
            data-column={at}
          >
            {at === 0 ? (
              <button type="button" tabIndex={-1} className="open">
                {content}
              </button>
            ) : (
              content
            )}
          </div>
        );
      })}
    </div>
  );
}

export const TableRow = memo(Shown);

interface ContentProps {
  readonly column: Column;
  readonly cell: Cell;
  /** The unit that stands in the column's head. */
  readonly unit: string;
  readonly clock: Clock;
}

/** All text of metadata is text, whatever it holds; <bdi> keeps its direction from its neighbours. */
function Content({ column, cell, unit, clock }: ContentProps) {
  if (column.kind === "time" && typeof cell.value === "string")
    return <time dateTime={cell.value}>{clock.shown(cell.value)}</time>;
  if (column.kind === "state") return <span className={`state ${stateClass(cell.text)}`}>{cell.text}</span>;
  if (column.kind === "rating")
    return isRating(cell.value) ? <span title={`${cell.value}`}>{stars(cell.value)}</span> : null;
  if (column.id === "comment") return <bdi>{lastComment(cell.value)}</bdi>;
  if (cell.reason !== "")
    return (
      <span className="absent">
        not read: <bdi>{cell.reason}</bdi>
      </span>
    );
  if (cell.text === "") return column.path === null ? null : <span className="absent">—</span>;
  return (
    <>
      <bdi>{cell.text}</bdi>
      {cell.unit !== "" && cell.unit !== unit && <span className="unit"> {cell.unit}</span>}
    </>
  );
}

/** The last comment, and how many there are. */
function lastComment(value: Json | undefined): string {
  const comments = commentsOf(typeof value === "string" ? value.slice(-20_000) : "");
  const last = comments.at(-1);
  if (last === undefined) return "";
  const text = `${last.author === "" ? "" : `${last.author}: `}${short(last.text)}`;
  return comments.length === 1 ? text : `(${comments.length}) ${text}`;
}

function stateClass(state: string): string {
  if (state === "running") return "running";
  return state === "normal" || state === "ok" || state === "" ? "done" : "broken";
}

function classOf(column: Column, cell: Cell, active: boolean): string {
  const parts = ["cell"];
  if (cell.numeric) parts.push("number");
  if (column.kind === "time") parts.push("number left");
  if (active) parts.push("active");
  return parts.join(" ");
}

function titleOf(column: Column, cell: Cell): string {
  if (column.kind === "time" && typeof cell.value === "string") return utc(cell.value);
  if (cell.reason !== "") return cell.reason.slice(0, 500);
  const text = full(cell.value).slice(0, 500);
  return cell.unit === "" ? text : `${text} ${cell.unit}`;
}
