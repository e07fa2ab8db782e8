import { type ComponentType, useEffect, useState } from "react";
import type { Settings } from "../app/settings";
import type { Catalogue } from "../catalogue/client";
import type { Column, Row } from "../columns/columns";
import type { Session } from "../login/session";
import type { Selection } from "../table/selection";
import type { Rows } from "../table/useRows";
import type { Clock } from "../values/times";
import type { View } from "../view/view";

export interface Exporting {
  readonly catalogue: Catalogue;
  readonly session: Session;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly view: View;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly log: Rows;
  readonly selection: Selection;
}

type Part = ComponentType<Exporting & { readonly onClose: () => void }>;

/** In the tab: the form is there again after a reload. */
const OPEN = "scanlog.export.open";

/** The button; what it opens is loaded with the first use. */
export function Export(exporting: Exporting) {
  const [open, setOpen] = useState(() => sessionStorage.getItem(OPEN) !== null);
  const [part, setPart] = useState<{ readonly Part: Part } | null>(null);
  const [trouble, setTrouble] = useState("");
  const { size } = exporting.selection.pids;
  useEffect(() => {
    if (open) sessionStorage.setItem(OPEN, "yes");
    else sessionStorage.removeItem(OPEN);
    if (!open || part !== null) return;
    import("./ExportDialog").then(
      ({ ExportDialog }) => setPart({ Part: ExportDialog }),
      () => {
        setOpen(false);
        setTrouble("The export cannot be loaded; is the network there? If it is, load the page again.");
      },
    );
  }, [open, part]);
  return (
    <>
      <button
        type="button"
        onClick={() => {
          setTrouble("");
          setOpen(true);
        }}
      >
        Export{size > 0 && ` (${size})`}
      </button>
      {trouble !== "" && <span role="alert">{trouble}</span>}
      {open && part !== null && <part.Part {...exporting} onClose={() => setOpen(false)} />}
    </>
  );
}
