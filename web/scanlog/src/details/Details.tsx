import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Settings } from "../app/settings";
import { Trouble } from "../app/Trouble";
import { type Catalogue, type Fields, fieldsOf, type Json } from "../catalogue/client";
import { type Row, stateOf } from "../columns/columns";
import { markOf, type Session } from "../login/session";
import { Opinion } from "../opinion/Opinion";
import { type Clock, utc } from "../values/times";
import { bytes, short } from "../values/values";
import { Attachments } from "./Attachments";
import { Files } from "./Files";
import { Metadata } from "./Metadata";

interface Props {
  readonly pid: string;
  readonly catalogue: Catalogue;
  readonly session: Session;
  /** When the scan was changed last, as the table knows it. */
  readonly version: string;
  readonly writing: boolean;
  readonly onWritten: () => void;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly columns: readonly string[];
  readonly onColumn: (id: string) => void;
  readonly onNames: (metadata: Fields) => void;
  readonly onClose: () => void;
}

/** All of one scan, beside the table. */
export function Details({
  pid,
  catalogue,
  session,
  version,
  writing,
  onWritten,
  settings,
  clock,
  columns,
  onColumn,
  onNames,
  onClose,
}: Props) {
  const owner = markOf(session);
  const path = `/datasets/${encodeURIComponent(pid)}`;
  const query = useQuery({
    queryKey: ["dataset", owner, pid, version],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => fieldsOf((await catalogue.ask(path, { signal })).body),
    staleTime: 2_000,
  });
  const dataset = query.data;
  useEffect(() => {
    if (dataset !== undefined) onNames(fieldsOf(dataset.scientificMetadata));
  }, [dataset, onNames]);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key === "Escape" && document.querySelector("dialog[open]") === null) onClose();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [onClose]);

  // Who came by keyboard goes on where it was; before the comment's field takes the focus.
  const section = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    const here = section.current;
    return () => {
      const at = document.activeElement; // the body, where a button that is pressed is disabled meanwhile
      if (at !== document.body && !here?.contains(at)) return;
      const back =
        before?.isConnected && before !== document.body ? before : document.querySelector(".table");
      if (back instanceof HTMLElement) back.focus();
    };
  }, []);

  return (
    <section className="details" aria-label="The scan" ref={section}>
      <div className="row spread">
        <h2>
          <bdi>{dataset === undefined ? "…" : short(dataset.datasetName) || pid}</bdi>
        </h2>
        <button type="button" onClick={onClose} aria-label="Close the scan">
          ×
        </button>
      </div>
      {query.isPending && <p role="status">Reading the scan …</p>}
      <Trouble error={query.error} onAgain={() => query.refetch()} />
      {dataset !== undefined && (
        <>
          {settings.scicatPages !== null && (
            <p>
              <a
                className="scicat"
                href={`${settings.scicatPages}/datasets/${encodeURIComponent(pid)}`}
                target="_blank"
                rel="noopener noreferrer"
              >
                Open in SciCat
              </a>
            </p>
          )}
          <Opinion
            pid={pid}
            dataset={dataset}
            catalogue={catalogue}
            session={session}
            clock={clock}
            writing={writing}
            onWritten={onWritten}
          />
          <Facts dataset={dataset} pid={pid} clock={clock} />
          <Problems dataset={dataset} />
          <Metadata metadata={fieldsOf(dataset.scientificMetadata)} columns={columns} onColumn={onColumn} />
          <Files path={path} catalogue={catalogue} owner={owner} count={dataset.numberOfFiles} />
          <Attachments path={path} catalogue={catalogue} owner={owner} />
        </>
      )}
    </section>
  );
}

const FACTS: readonly (readonly [string, string])[] = [
  ["Identifier", "pid"],
  ["Description", "description"],
  ["Proposal", "proposalIds"],
  ["Sample", "sampleIds"],
  ["Owner", "owner"],
  ["Owner group", "ownerGroup"],
  ["Folder", "sourceFolder"],
  ["Keywords", "keywords"],
];

function Facts({
  dataset,
  pid,
  clock,
}: {
  readonly dataset: Fields;
  readonly pid: string;
  readonly clock: Clock;
}) {
  const row: Row = { pid, fields: dataset };
  const scizoo = fieldsOf(fieldsOf(dataset.scientificMetadata).scizoo);
  const configuration = fieldsOf(scizoo.configuration);
  const lines: [string, string][] = [
    ["State", stateOf(row)],
    ["Time", timeText(dataset.creationTime, clock)],
    ["Changed", timeText(dataset.updatedAt, clock)],
    ...FACTS.map(([title, name]): [string, string] => [title, textOf(dataset[name])]),
    ["Size", bytes(dataset.size)],
    ["Configuration", configurationText(configuration)],
    ["Recorded by", short(scizoo.producer)],
  ];
  return (
    <dl className="facts">
      {lines
        .filter(([, text]) => text !== "")
        .map(([title, text]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>
              <bdi>{text}</bdi>
            </dd>
          </div>
        ))}
    </dl>
  );
}

function configurationText(configuration: Fields): string {
  const { name, revision } = configuration;
  return typeof name === "string"
    ? `${name}${revision === undefined ? "" : `, revision ${short(revision)}`}`
    : "";
}

function textOf(value: Json | undefined): string {
  return short(Array.isArray(value) ? value.filter((one) => one !== null) : value);
}

function timeText(value: Json | undefined, clock: Clock): string {
  return typeof value === "string" ? `${clock.shown(value)} (${utc(value)})` : "";
}

/** What SciZoo is not certain of, and what did not work. */
function Problems({ dataset }: { readonly dataset: Fields }) {
  const { problems, marks } = fieldsOf(fieldsOf(dataset.scientificMetadata).scizoo);
  const lines = [problems, marks].flatMap((one) => (Array.isArray(one) ? one : [])).map(short);
  const [all, setAll] = useState(false);
  if (lines.length === 0) return null;
  const shown = all ? lines : lines.slice(0, 5);
  return (
    <>
      <h3>Problems</h3>
      <ul>
        {shown.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines have no names and never move
          <li key={index}>
            <bdi>{line}</bdi>
          </li>
        ))}
      </ul>
      {shown.length < lines.length && (
        <button type="button" onClick={() => setAll(true)}>
          All {lines.length}
        </button>
      )}
    </>
  );
}
