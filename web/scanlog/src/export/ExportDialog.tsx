import { useState } from "react";
import { Dialog } from "../app/Dialog";
import { wordsOf } from "../catalogue/client";
import { serverNow } from "../catalogue/clock";
import { csvOf, fileName } from "./csv";
import type { Exporting } from "./Export";
import { LogbookForm } from "./LogbookForm";
import { exported } from "./rows";
import { counted, goneText } from "./words";

interface Props extends Exporting {
  readonly onClose: () => void;
}

/** What is exported, and whereto. */
export function ExportDialog({ onClose, ...exporting }: Props) {
  const { catalogue, view, columns, rows, log, selection } = exporting;
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const nothing = !log.settled || (rows.length === 0 && selection.pids.size === 0);

  async function csv() {
    setBusy(true);
    setSaid("");
    try {
      const found = await exported(catalogue, view, selection.pids, rows);
      const name = fileName(view.proposal, serverNow());
      save(new Blob([csvOf(columns, found.rows)], { type: "text/csv;charset=utf-8" }), name);
      setSaid(`${counted(found.rows.length)} in ${name}.${goneText(found.gone)}`);
    } catch (error) {
      setSaid(`Nothing was exported: ${wordsOf(error)}`);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog title="Export" onClose={onClose}>
      <p>{whatOf(exporting)}</p>
      <p>
        Columns:{" "}
        {columns.map((one, at) => (
          <span key={one.id}>
            {at > 0 && ", "}
            <bdi>{one.title}</bdi>
          </span>
        ))}
      </p>
      <div className="row">
        <button type="button" className="main" disabled={busy || nothing} onClick={() => void csv()}>
          CSV file
        </button>
      </div>
      <p role="status">{said}</p>
      {exporting.settings.elogy && (
        <>
          <h3>Logbook</h3>
          <LogbookForm {...exporting} ready={!nothing} />
        </>
      )}
    </Dialog>
  );
}

/** What will be exported: it must not be a surprise. */
function whatOf({ selection, rows, log }: Exporting): string {
  const { size } = selection.pids;
  if (!log.settled) return "Reading the scans …";
  if (size > 0) return `The ${size === 1 ? "selected scan" : `${size} selected scans`}.`;
  if (rows.length === 0) return "There is no scan to export.";
  const more = log.more ? " There are more, which come as you scroll down." : "";
  return `No scan is selected: all ${rows.length} that are shown.${more}`;
}

function save(blob: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
