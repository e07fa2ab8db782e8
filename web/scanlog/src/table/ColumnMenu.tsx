import { type FormEvent, useId } from "react";
import { Dialog } from "../app/Dialog";
import type { Column } from "../columns/columns";
import { type Condition, moved, resized, type View, withCondition, withoutColumn } from "../view/view";

interface Props {
  readonly column: Column;
  readonly unit: string;
  readonly index: number;
  readonly width: number;
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly onClose: () => void;
}

const STEP = 40;

/** Everything that can be done with a column, by keyboard and touch too. */
export function ColumnMenu({ column, unit, index, width, view, onView, onClose }: Props) {
  const condition = view.conditions.find((one) => one.column === column.id);
  const last = view.columns.length - 1;
  return (
    <Dialog title={column.title} onClose={onClose}>
      {column.sort !== null && column.kind !== "time" && (
        <ConditionForm
          column={column}
          unit={unit}
          condition={condition}
          onCondition={(next) => {
            onView(withCondition(view, next));
            onClose();
          }}
        />
      )}
      <div className="row">
        <button
          type="button"
          disabled={index === 0}
          onClick={() => onView(moved(view, column.id, index - 1))}
        >
          ← Move left
        </button>
        <button
          type="button"
          disabled={index === last}
          onClick={() => onView(moved(view, column.id, index + 1))}
        >
          Move right →
        </button>
        <button type="button" onClick={() => onView(resized(view, column.id, width - STEP))}>
          Narrower
        </button>
        <button type="button" onClick={() => onView(resized(view, column.id, width + STEP))}>
          Wider
        </button>
        <button
          type="button"
          onClick={() => {
            onClose();
            onView(withoutColumn(view, column.id));
          }}
        >
          Hide
        </button>
      </div>
    </Dialog>
  );
}

interface FormProps {
  readonly column: Column;
  readonly unit: string;
  readonly condition: Condition | undefined;
  readonly onCondition: (condition: Condition) => void;
}

function ConditionForm({ column, unit, condition, onCondition }: FormProps) {
  const range = condition?.kind === "range" ? condition : { from: null, to: null };
  const values = condition?.kind === "set" ? condition.values.join("\n") : "";
  const id = useId();

  function chosen(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const set = String(given.get("values"))
      .split("\n")
      .map((one) => one.trim())
      .filter((one) => one !== "");
    if (set.length > 0) onCondition({ kind: "set", column: column.id, values: set });
    else
      onCondition({
        kind: "range",
        column: column.id,
        from: number(given.get("from")),
        to: number(given.get("to")),
      });
  }

  return (
    <form onSubmit={chosen} aria-labelledby={id}>
      <h3 id={id}>Show only scans with</h3>
      <div className="row">
        <label>
          from {unit}
          <input name="from" type="number" step="any" defaultValue={range.from ?? ""} />
        </label>
        <label>
          to {unit}
          <input name="to" type="number" step="any" defaultValue={range.to ?? ""} />
        </label>
      </div>
      <label>
        or one of these values, one a line
        <textarea name="values" rows={3} defaultValue={values} />
      </label>
      <div className="row">
        <button type="submit" className="main">
          Filter
        </button>
        <button
          type="button"
          disabled={condition === undefined}
          onClick={() => onCondition({ kind: "set", column: column.id, values: [] })}
        >
          No filter
        </button>
      </div>
    </form>
  );
}

function number(text: FormDataEntryValue | null): number | null {
  return typeof text === "string" && text.trim() !== "" && Number.isFinite(Number(text))
    ? Number(text)
    : null;
}
