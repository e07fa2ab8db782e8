/**
 * Comments of several people in the one text that SciCat has. Each begins with a line such as
 * `[2026-03-01T09:30:00Z ada] text`, which also reads well in SciCat's own pages. What stands before the first, or
 * was written elsewhere, is a comment of nobody.
 */

export interface Comment {
  /** Empty: not known. */
  readonly author: string;
  /** ISO time; empty: not known. */
  readonly time: string;
  readonly text: string;
}

const HEAD = /^\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ([^\]\n]+)\] ?/;
/** SciCat stores 16 MB; a comment is for people. */
export const LONGEST = 5_000;

export function commentsOf(text: string): Comment[] {
  const comments: Comment[] = [];
  for (const line of text.split(/\r?\n/)) {
    const head = HEAD.exec(line);
    const last = comments.at(-1);
    if (head !== null)
      comments.push({ time: head[1] ?? "", author: head[2] ?? "", text: line.slice(head[0].length) });
    else if (last === undefined) comments.push({ time: "", author: "", text: line });
    else comments[comments.length - 1] = { ...last, text: `${last.text}\n${line}` };
  }
  return comments.map((one) => ({ ...one, text: one.text.trim() })).filter((one) => one.text !== "");
}

/** Return the text with one comment more; no line of it can be taken for another's beginning. */
export function withComment(text: string, comment: Comment): string {
  const time = comment.time.replace(/\.\d+Z$/, "Z");
  const author = comment.author.replace(/[\]\n]/g, "");
  const lines = comment.text.trim().slice(0, LONGEST).split(/\r?\n/);
  const safe = lines.map((line, at) => (at > 0 && HEAD.test(line) ? ` ${line}` : line));
  const before = text.trimEnd();
  return `${before === "" ? "" : `${before}\n`}[${time} ${author}] ${safe.join("\n")}`;
}

/** Whether a text has this comment: its answer may have been lost on the way. */
export function has(text: string, comment: Comment): boolean {
  const time = comment.time.replace(/\.\d+Z$/, "Z");
  return commentsOf(text).some(
    (one) => one.time === time && one.author === comment.author && one.text === comment.text.trim(),
  );
}
