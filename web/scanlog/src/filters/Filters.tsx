import { type FormEvent, useEffect, useRef } from "react";
import { fieldsOf } from "../catalogue/client";
import { serverNow } from "../catalogue/clock";
import { columnOf, metadataOf, type Row } from "../columns/columns";
import type { Clock } from "../values/times";
import {
  type Condition,
  DEFAULT_VIEW,
  isNarrowed,
  type Period,
  type View,
  withCondition,
} from "../view/view";

interface Props {
  readonly view: View;
  readonly rows: readonly Row[];
  readonly clock: Clock;
  readonly onView: (view: View) => void;
}

const HOURS: readonly (readonly [number, string])[] = [
  [1, "last hour"],
  [8, "last 8 h"],
  [24, "last 24 h"],
  [168, "last 7 days"],
  [720, "last 30 days"],
];

/** Which scans are shown: time, proposal, text; and what the columns' menus have set. */
export function Filters({ view, rows, clock, onView }: Props) {
  const text = useRef<HTMLInputElement>(null);
  const proposal = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof Element && event.target.closest("input, textarea, select, dialog");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      text.current?.focus();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  // The address may have changed them: what stands in the fields is the view's.
  useEffect(() => {
    if (text.current !== null) text.current.value = view.text;
    if (proposal.current !== null) proposal.current.value = view.proposal;
  }, [view.text, view.proposal]);

  function searched(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    onView({
      ...view,
      text: text.current?.value.trim() ?? "",
      proposal: proposal.current?.value.trim() ?? "",
    });
  }

  return (
    <search>
      <form className="row" onSubmit={searched}>
        <PeriodChoice view={view} rows={rows} clock={clock} onView={onView} />
        <label>
          Proposal{" "}
          <input
            ref={proposal}
            name="proposal"
            size={10}
            defaultValue={view.proposal}
            onBlur={(event) => event.currentTarget.form?.requestSubmit()}
          />
        </label>
        <label>
          Text{" "}
          <input
            ref={text}
            name="text"
            type="search"
            size={18}
            defaultValue={view.text}
            placeholder="name, description, comment"
          />
        </label>
        <button type="submit">Search</button>
        {view.conditions.map((one) => (
          <button
            key={one.column}
            type="button"
            className="chip"
            onClick={() => onView(withCondition(view, { kind: "set", column: one.column, values: [] }))}
          >
            <bdi>{spokenCondition(one)}</bdi> <span aria-hidden="true">×</span>
            <span className="hidden">, remove this filter</span>
          </button>
        ))}
        {isNarrowed(view) && (
          <button
            type="button"
            onClick={() =>
              onView({ ...view, period: DEFAULT_VIEW.period, proposal: "", text: "", conditions: [] })
            }
          >
            All scans
          </button>
        )}
      </form>
    </search>
  );
}

export function spokenCondition(condition: Condition): string {
  const title = columnOf(condition.column)?.title ?? condition.column;
  if (condition.kind === "set") return `${title}: ${condition.values.join(" or ")}`;
  const { from, to } = condition;
  if (from === null) return `${title} ≤ ${to}`;
  return to === null ? `${title} ≥ ${from}` : `${title}: ${from} to ${to}`;
}

/** The visit of the newest scan that tells one. */
function visitOf(rows: readonly Row[]): string {
  for (const row of rows) {
    const name = fieldsOf(metadataOf(row).scizoo).beamtime;
    if (typeof name === "string" && name !== "") return name;
  }
  return "";
}

function PeriodChoice({ view, rows, clock, onView }: Props) {
  const { period } = view;
  const visit = period.kind === "visit" ? period.name : visitOf(rows);
  const chosen = period.kind === "last" ? `${period.hours}` : period.kind;
  const choose = (next: Period) => onView({ ...view, period: next });

  function changed(value: string) {
    if (value === "always") choose({ kind: "always" });
    else if (value === "visit") choose({ kind: "visit", name: visit });
    else if (value === "between")
      choose({ kind: "between", from: new Date(serverNow() - 86_400_000).toISOString(), to: "" });
    else choose({ kind: "last", hours: Number(value) });
  }

  return (
    <>
      <label>
        Time{" "}
        <select value={chosen} onChange={(event) => changed(event.target.value)}>
          <option value="always">all</option>
          {HOURS.map(([hours, name]) => (
            <option key={hours} value={hours}>
              {name}
            </option>
          ))}
          {period.kind === "last" && HOURS.every(([hours]) => hours !== period.hours) && (
            <option value={period.hours}>last {period.hours} h</option>
          )}
          {visit !== "" && <option value="visit">this visit ({visit})</option>}
          <option value="between">from … to …</option>
        </select>
      </label>
      {period.kind === "between" && (
        <>
          <TimeField
            name="from"
            value={period.from}
            clock={clock}
            onTime={(from) => choose({ ...period, from })}
          />
          <TimeField name="to" value={period.to} clock={clock} onTime={(to) => choose({ ...period, to })} />
        </>
      )}
    </>
  );
}

interface TimeFieldProps {
  readonly name: string;
  readonly value: string;
  readonly clock: Clock;
  readonly onTime: (iso: string) => void;
}

function TimeField({ name, value, clock, onTime }: TimeFieldProps) {
  return (
    <label>
      {name}{" "}
      <input
        type="datetime-local"
        key={value}
        defaultValue={value === "" ? "" : clock.local(value)}
        onBlur={(event) => onTime(clock.fromLocal(event.target.value))}
      />
    </label>
  );
}
