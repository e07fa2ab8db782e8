import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { Trouble } from "../app/Trouble";
import { wordsOf } from "../catalogue/client";
import { linkOf } from "../view/address";
import { AttributeFields } from "./AttributeFields";
import { missing, toSend } from "./attributes";
import { contentOf } from "./content";
import { type Draft, draftSent, keepDraft, keptDraft } from "./draft";
import { EntryChooser } from "./EntryChooser";
import type { Exporting } from "./Export";
import { logbooks, searched } from "./logbooks";
import { picturesOf } from "./pictures";
import { exported } from "./rows";
import { markOf, type Sent, send } from "./send";
import { counted, goneText } from "./words";

interface Said {
  readonly text: string;
  readonly bad: boolean;
  /** The entry that was written, or was there. */
  readonly entry: { readonly id: number; readonly logbook: number; readonly fresh: boolean } | null;
}

const QUIET: Said = { text: "", bad: false, entry: null };
/** More scans are no entry that anybody reads; a file takes them. */
const MOST_SCANS = 500;

/** A new entry of the logbook, or one that is appended to another. */
export function LogbookForm(exporting: Exporting & { readonly ready: boolean }) {
  const { session, settings, ready } = exporting;
  const [draft, setDraft] = useState<Draft>(() => keptDraft(sessionStorage, localStorage, session.userId));
  const [search, setSearch] = useState("");
  const [said, setSaid] = useState<Said>(QUIET);
  const [busy, setBusy] = useState(false);
  const sending = useRef(false);
  const id = useId();
  const books = useQuery({
    queryKey: ["logbooks"],
    queryFn: ({ signal }) => logbooks(signal),
    staleTime: 30_000,
  });
  const chosen = books.data?.find((one) => one.id === draft.logbook) ?? null;
  const attributes = chosen?.attributes ?? [];
  const offered = searched(books.data ?? [], search);
  useEffect(() => keepDraft(sessionStorage, session.userId, draft), [draft, session.userId]);

  function change(next: Partial<Draft>) {
    setDraft({ ...draft, ...next });
    setSaid(QUIET);
  }

  async function submitted(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    // The second click of two comes before the button is drawn as disabled.
    if (sending.current || chosen === null) return;
    const lacking = missing(attributes, draft.attributes);
    if (lacking.length > 0) {
      setSaid({ text: `The logbook asks for: ${lacking.join(", ")}.`, bad: true, entry: null });
      return;
    }
    sending.current = true;
    setBusy(true);
    setSaid(QUIET);
    try {
      const follows = draft.appending ? draft.follows : null;
      const { sent, note } = await write(
        exporting,
        draft,
        { logbook: chosen.id, follows },
        attributes,
        (text) => setSaid({ text, bad: false, entry: null }),
      );
      const text = sent.fresh ? `Written.${note}` : "These scans are there already; nothing was written.";
      setSaid({ text, bad: false, entry: { ...sent, logbook: chosen.id } });
      if (sent.fresh) draftSent(sessionStorage, localStorage, session.userId, chosen.id);
    } catch (error) {
      const reason = wordsOf(error);
      setSaid({ text: `${reason}. Try again: nothing is written twice.`, bad: true, entry: null });
    } finally {
      sending.current = false;
      setBusy(false);
    }
  }

  if (session.token === null) return <p>Log in to write to the logbook: an entry has an author.</p>;
  return (
    <form onSubmit={(event) => void submitted(event)} aria-label="Logbook">
      <Trouble error={books.error} onAgain={() => books.refetch()} />
      <label>
        Search logbooks{" "}
        <input type="search" value={search} onChange={(event) => setSearch(event.target.value)} />
      </label>
      <label htmlFor={id}>Logbook</label>
      <select
        id={id}
        size={5}
        required
        value={draft.logbook ?? ""}
        onChange={(event) => change({ logbook: Number(event.target.value), follows: null })}
      >
        {chosen !== null && !offered.includes(chosen) && <option value={chosen.id}>{chosen.path}</option>}
        {offered.map((one) => (
          <option key={one.id} value={one.id}>
            {one.path}
          </option>
        ))}
      </select>
      <div className="row">
        <label>
          <input type="radio" checked={!draft.appending} onChange={() => change({ appending: false })} /> New
          entry
        </label>
        <label>
          <input type="radio" checked={draft.appending} onChange={() => change({ appending: true })} /> Append
          to an entry
        </label>
      </div>
      {draft.appending && chosen !== null && (
        <EntryChooser logbook={chosen.id} chosen={draft.follows} onEntry={(follows) => change({ follows })} />
      )}
      <label>
        Title{" "}
        <input
          value={draft.title}
          required
          maxLength={200}
          onChange={(event) => change({ title: event.target.value })}
        />
      </label>
      <AttributeFields
        attributes={attributes}
        given={draft.attributes}
        onGiven={(given) => change({ attributes: given })}
      />
      <label>
        <input
          type="checkbox"
          checked={draft.pictures}
          onChange={(event) => change({ pictures: event.target.checked })}
        />{" "}
        With a picture of each scan that has one
      </label>
      <div className="row">
        <button type="submit" className="main" disabled={busy || !ready}>
          Write to the logbook
        </button>
      </div>
      <p role={said.bad ? "alert" : "status"} className={said.bad ? "trouble" : ""}>
        {said.text}{" "}
        {said.entry !== null && (
          <Entry pages={settings.elogyPages} logbook={said.entry.logbook} id={said.entry.id} />
        )}
      </p>
    </form>
  );
}

function Entry({ pages, logbook, id }: { readonly pages: string | null; logbook: number; id: number }) {
  if (pages === null) return <>Entry {id}.</>;
  return (
    <a href={`${pages}/logbooks/${logbook}/entries/${id}`} target="_blank" rel="noopener noreferrer">
      Entry {id}
    </a>
  );
}

/** Read what is exported, and write it; what is to be known about it besides. */
async function write(
  { catalogue, session, settings, clock, view, columns, rows, selection }: Exporting,
  draft: Draft,
  target: Parameters<typeof send>[0],
  attributes: Parameters<typeof toSend>[0],
  onStep: (text: string) => void,
): Promise<{ sent: Sent; note: string }> {
  const found = await exported(catalogue, view, selection.pids, rows);
  const pids = found.rows.map((one) => one.pid);
  if (pids.length === 0) throw new Error("None of the scans can be read any more");
  if (pids.length > MOST_SCANS)
    throw new Error(
      `An entry takes ${MOST_SCANS} scans, these are ${pids.length}: select fewer, or a CSV file`,
    );
  const taken = draft.pictures
    ? await picturesOf(catalogue, pids, (at) => onStep(`Reading pictures: ${at} of ${pids.length} …`))
    : { found: new Map<string, string>(), left: 0 };
  const link = `${location.origin}${location.pathname}?${linkOf({ view, opened: null })}`;
  const { scicatPages } = settings;
  const shown = { columns, rows: found.rows, clock, scicatPages, pictures: taken.found, link };
  onStep("Writing …");
  const sent = await send(target, {
    title: draft.title.trim(),
    content: contentOf(shown),
    author: session.username,
    attributes: toSend(attributes, draft.attributes),
    mark: markOf(pids),
  });
  const left = taken.left === 0 ? "" : ` The pictures of ${counted(taken.left)} could not be taken.`;
  return { sent, note: `${goneText(found.gone)}${left}` };
}
