import { useCallback, useEffect, useMemo, useState } from "react";
import { type Catalogue, CatalogueError, wordsOf } from "../catalogue/client";
import { serverNow } from "../catalogue/clock";
import { Chooser } from "../columns/Chooser";
import { type Column, columnOf, type Row } from "../columns/columns";
import { useNames } from "../columns/useNames";
import { Details } from "../details/Details";
import { Export } from "../export/Export";
import { Filters } from "../filters/Filters";
import { ConnectionLine } from "../live/ConnectionLine";
import { comesFirst } from "../live/changes";
import { useLive } from "../live/useLive";
import { markOf, type Session } from "../login/session";
import { whyNot } from "../opinion/rights";
import { stars } from "../opinion/stars";
import { rate } from "../opinion/write";
import { type Actions, Table } from "../table/Table";
import { useRows } from "../table/useRows";
import { useSelection } from "../table/useSelection";
import type { Clock } from "../values/times";
import { short } from "../values/values";
import { Views } from "../view/Views";
import { withColumn } from "../view/view";
import { Help } from "./Help";
import type { Look } from "./look";
import type { Settings } from "./settings";
import { Trouble } from "./Trouble";
import { useView } from "./useView";

interface Props {
  readonly catalogue: Catalogue;
  readonly session: Session;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly look: Look;
  readonly onEnded: (reason: string) => void;
}

type Dialog = "" | "columns" | "help";

/** The table with what belongs to it: filters, views, columns, the details of one scan. */
export function LogPage({ catalogue, session, settings, clock, look, onEnded }: Props) {
  const { view, opened, show, open } = useView();
  const [selection, select] = useSelection(session.userId);
  const [dialog, setDialog] = useState<Dialog>("");
  const [writing, setWriting] = useState(false);
  const [said, setSaid] = useState("");
  // Relative periods count from the moment at which they were chosen, by the server's clock.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the moment of the choice is meant
  const now = useMemo(() => serverNow(), [view.period]);
  const log = useRows(catalogue, markOf(session), view, now);
  const ended = useCallback(() => onEnded("The log-in has ended; log in again."), [onEnded]);
  const live = useLive({
    catalogue,
    view,
    pages: log.rows,
    ready: log.settled,
    onEnded: ended,
    hints: settings.hints,
  });
  const names = useNames(catalogue, session.userId, live.rows, dialog === "columns");
  const columns = useMemo(
    () => view.columns.map(columnOf).filter((one): one is Column => one !== null),
    [view.columns],
  );
  const { trouble } = log;
  const close = useCallback(() => open(null), [open]);

  useEffect(() => {
    if (trouble instanceof CatalogueError && trouble.trouble === "login") ended();
  }, [trouble, ended]);

  async function rated(row: Row, rating: number | null) {
    const reason = whyNot(session, short(row.fields.ownerGroup), null);
    setSaid(reason);
    if (reason !== "") return;
    try {
      await rate(catalogue, row.pid, rating);
      setSaid(`Rated: ${rating === null ? "no rating" : stars(rating)}.`);
      live.connection.now();
    } catch (error) {
      setSaid(wordsOf(error));
    }
  }

  const actions: Actions = {
    open: (pid) => {
      setWriting(false);
      open(pid);
    },
    comment: (pid) => {
      setWriting(true);
      open(pid);
    },
    rate: (row, rating) => void rated(row, rating),
    help: () => setDialog("help"),
  };

  function admit() {
    if (comesFirst(view)) live.admit();
    else log.again();
    document.querySelector(".table")?.scrollTo({ top: 0 });
  }

  return (
    <main className={opened === null ? "log" : "log with-details"}>
      <div className="tools">
        <Filters view={view} rows={live.rows} clock={clock} onView={show} />
        <div className="row">
          <button type="button" onClick={() => setDialog("columns")}>
            Columns
          </button>
          <Views view={view} owner={session.userId} catalogue={catalogue} onView={show} />
          <Export
            catalogue={catalogue}
            session={session}
            settings={settings}
            clock={clock}
            view={view}
            columns={columns}
            rows={live.rows}
            log={log}
            selection={selection}
          />
          <button type="button" onClick={() => setDialog("help")} aria-label="Help: keys">
            ?
          </button>
        </div>
      </div>
      <Trouble error={trouble} onAgain={log.again} />
      <div className="row spread news">
        <ConnectionLine connection={live.connection} />
        <span role="status">
          {said}{" "}
          {live.waiting > 0 && (
            <button type="button" className="main" onClick={admit}>
              {live.waiting === 1 ? "1 new scan" : `${live.waiting} new scans`} ↑
            </button>
          )}
        </span>
      </div>
      <Table
        log={log}
        rows={live.rows}
        columns={columns}
        view={view}
        clock={clock}
        look={look}
        opened={opened}
        selection={selection}
        onView={show}
        onSelection={select}
        actions={actions}
      />
      {opened !== null && (
        <Details
          key={opened}
          pid={opened}
          catalogue={catalogue}
          session={session}
          version={String(live.rows.find((one) => one.pid === opened)?.fields.updatedAt ?? "")}
          writing={writing}
          onWritten={live.connection.now}
          settings={settings}
          clock={clock}
          columns={view.columns}
          onColumn={(id) => show(withColumn(view, id))}
          onNames={names.learn}
          onClose={close}
        />
      )}
      {dialog === "columns" && (
        <Chooser view={view} names={names} onView={show} onClose={() => setDialog("")} />
      )}
      {dialog === "help" && <Help clock={clock} onClose={() => setDialog("")} />}
    </main>
  );
}
