import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
  type ClipboardEvent,
  type DragEvent,
  type FormEvent,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { type Catalogue, type Fields, wordsOf } from "../catalogue/client";
import { serverNow } from "../catalogue/clock";
import { markOf, type Session } from "../login/session";
import { type Clock, utc } from "../values/times";
import { isRating, short } from "../values/values";
import { commentsOf, LONGEST } from "./comments";
import { pictureIn, pictureOf } from "./picture";
import { mayCreateDatasets, whyNot } from "./rights";
import { RATINGS, stars } from "./stars";
import { attach, comment, rate } from "./write";

interface Props {
  readonly pid: string;
  readonly dataset: Fields;
  readonly catalogue: Catalogue;
  readonly session: Session;
  readonly clock: Clock;
  /** Begin with the comment's field. */
  readonly writing: boolean;
  readonly onWritten: () => void;
}

/** Rating, comments and pictures of a scan, and why one may not write them. */
export function Opinion({ pid, dataset, catalogue, session, clock, writing, onWritten }: Props) {
  const group = short(dataset.ownerGroup);
  const right = useQuery({
    queryKey: ["right", markOf(session)],
    enabled: session.token !== null,
    staleTime: 60_000,
    queryFn: () => mayCreateDatasets(catalogue, session.userId),
  });
  const reason = whyNot(session, group, right.data ?? null);
  const [said, setSaid] = useState({ text: "", bad: false });
  const [busy, setBusy] = useState(false);
  const queries = useQueryClient();

  /** Carry out one change; what it says, and what went wrong, stands below. */
  async function doing(work: () => Promise<string>): Promise<boolean> {
    setBusy(true);
    setSaid({ text: "", bad: false });
    try {
      setSaid({ text: await work(), bad: false });
      onWritten();
      return true;
    } catch (error) {
      setSaid({ text: wordsOf(error), bad: true });
      return false;
    } finally {
      setBusy(false);
      void queries.invalidateQueries({ queryKey: ["dataset", markOf(session), pid] });
    }
  }

  async function picture(file: Blob | null | undefined) {
    if (!file) return;
    await doing(async () => {
      await attach(catalogue, pid, group, `by ${session.username}`, await pictureOf(file));
      void queries.invalidateQueries({ queryKey: ["attachments", markOf(session)] });
      return "The picture is added.";
    });
  }

  const closed = reason !== "" || busy;
  const rating = dataset.dataQualityMetrics;
  const value = isRating(rating) ? rating : 0;
  return (
    <section
      aria-label="Rating and comments"
      onPaste={(event: ClipboardEvent) => {
        const pasted = pictureIn(event.clipboardData);
        if (pasted === null || closed) return;
        event.preventDefault();
        void picture(pasted);
      }}
      onDragOver={(event: DragEvent) => {
        if (event.dataTransfer.types.includes("Files")) event.preventDefault();
      }}
      onDrop={(event: DragEvent) => {
        event.preventDefault();
        if (!closed) void picture(pictureIn(event.dataTransfer) ?? event.dataTransfer.files[0]);
      }}
    >
      <fieldset className="stars" disabled={closed}>
        <legend>Rating</legend>
        {RATINGS.map((one) => (
          <label key={one} className={one === value ? "chosen" : ""}>
            <input
              type="radio"
              name="rating"
              checked={one === value}
              onChange={() =>
                void doing(async () => {
                  await rate(catalogue, pid, one === 0 ? null : one);
                  return "The rating is kept.";
                })
              }
            />
            <span aria-hidden="true">{stars(one)}</span>
            <span className="hidden">{one === 0 ? "no rating" : `${one} stars`}</span>
          </label>
        ))}
      </fieldset>
      <h3>Comments</h3>
      <ol className="comments">
        {commentsOf(typeof dataset.comment === "string" ? dataset.comment : "").map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: comments are only added
          <li key={index}>
            {one.author !== "" && (
              <p className="by">
                <bdi>{one.author}</bdi>,{" "}
                <time dateTime={one.time} title={utc(one.time)}>
                  {clock.shown(one.time)}
                </time>
              </p>
            )}
            <p className="said">
              <bdi>{one.text}</bdi>
            </p>
          </li>
        ))}
      </ol>
      <NewComment
        pid={pid}
        closed={closed}
        writing={writing}
        onComment={(text, time) =>
          doing(async () => {
            const { merged } = await comment(catalogue, pid, { author: session.username, time, text });
            return merged
              ? "Somebody else wrote at the same time: both comments are kept."
              : "The comment is kept.";
          })
        }
        onPicture={(file) => void picture(file)}
      />
      {reason !== "" && <p className="why">{reason}</p>}
      <p role={said.bad ? "alert" : "status"} className={said.bad ? "trouble" : ""}>
        {said.text}
      </p>
    </section>
  );
}

interface NewProps {
  readonly pid: string;
  readonly closed: boolean;
  readonly writing: boolean;
  readonly onComment: (text: string, time: string) => Promise<boolean>;
  readonly onPicture: (file: Blob | undefined) => void;
}

/** What is written stays in this tab until SciCat has it: over a reload, an ended log-in, a lost network. */
function NewComment({ pid, closed, writing, onComment, onPicture }: NewProps) {
  const key = `scanlog.draft.${pid}`;
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? "");
  const field = useRef<HTMLTextAreaElement>(null);
  // One time for all attempts at one comment: so that one whose answer was lost is known again.
  const begun = useRef("");
  const id = useId();
  useEffect(() => {
    if (text === "") sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, text);
  }, [key, text]);
  useEffect(() => {
    if (writing) field.current?.focus();
  }, [writing]);

  async function sent(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (text.trim() === "") return;
    if (begun.current === "") begun.current = new Date(serverNow()).toISOString();
    if (!(await onComment(text, begun.current))) return;
    begun.current = "";
    setText("");
  }

  return (
    <form onSubmit={(event) => void sent(event)}>
      <label htmlFor={id}>New comment</label>
      <textarea
        id={id}
        ref={field}
        rows={3}
        maxLength={LONGEST}
        value={text}
        onChange={(event) => {
          begun.current = "";
          setText(event.target.value);
        }}
      />
      <div className="row">
        <button type="submit" className="main" disabled={closed || text.trim() === ""}>
          Add the comment
        </button>
        <PictureFile label="Add a picture" closed={closed} onPicture={onPicture} />
        <PictureFile label="Take a picture" camera closed={closed} onPicture={onPicture} />
        <span className="unit">or paste or drop one here</span>
      </div>
    </form>
  );
}

interface FileProps {
  readonly label: string;
  readonly camera?: boolean;
  readonly closed: boolean;
  readonly onPicture: (file: Blob | undefined) => void;
}

/** A file, or the camera: Android offers no camera where any picture would do. A mouse is offered none. */
function PictureFile({ label, camera = false, closed, onPicture }: FileProps) {
  return (
    <label className={camera ? "file camera" : "file"}>
      {label}{" "}
      <input
        type="file"
        accept="image/*"
        capture={camera ? "environment" : undefined}
        disabled={closed}
        onChange={(event) => {
          onPicture(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
    </label>
  );
}
