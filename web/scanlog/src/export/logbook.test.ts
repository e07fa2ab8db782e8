import { afterEach, expect, test, vi } from "vitest";
import { type Column, columnOf, type Row } from "../columns/columns";
import { Clock } from "../values/times";
import { attributesFrom, missing, toSend } from "./attributes";
import { contentOf, escaped } from "./content";
import { draftFrom, draftSent, keepDraft, keptDraft, TITLE } from "./draft";
import { logbooksFrom, searched } from "./logbooks";
import { markOf, send } from "./send";

afterEach(() => vi.unstubAllGlobals());

test("the tree of logbooks becomes a list of paths, which is searched by words", () => {
  const root = {
    id: 0,
    children: [
      { id: 1, name: "B303A", children: [{ id: 2, name: "20260042", attributes: [], children: [] }] },
      { id: 3, name: "Machine", children: null },
      { name: "no id" },
    ],
  };
  const books = logbooksFrom(root, "");
  expect(books.map((one) => one.path)).toEqual(["B303A", "B303A / 20260042", "Machine"]);
  expect(searched(books, "42 b303").map((one) => one.id)).toEqual([2]);
  expect(searched(books, " ")).toHaveLength(3);
  expect(logbooksFrom("no tree", "")).toEqual([]);
});

const ATTRIBUTES = attributesFrom([
  { name: "Shift", type: "option", required: true, options: ["day", "night"] },
  { name: "count", type: "number", required: true },
  { name: "beam", type: "boolean", required: true },
  { name: "kinds", type: "multioption", required: true, options: ["a", "b"] },
  { name: "remark", type: "text", required: false, options: null },
  { type: "text" },
]);

test("what is required is asked for, and only what fits is sent", () => {
  expect(missing(ATTRIBUTES, {})).toEqual(["Shift", "count", "kinds"]);
  expect(missing(ATTRIBUTES, { Shift: "never", count: "x", kinds: ["c"] })).toEqual([
    "Shift",
    "count",
    "kinds",
  ]);
  const given = { Shift: "day", count: " 2.5 ", beam: "yes", kinds: ["b", "c"], remark: "  ", other: "x" };
  expect(missing(ATTRIBUTES, given)).toEqual([]);
  expect(toSend(ATTRIBUTES, given)).toEqual({ Shift: "day", count: 2.5, beam: true, kinds: ["b"] });
});

test("the mark is that of the scans, whatever their order", () => {
  expect(markOf(["a", "b"])).toBe(markOf(["b", "a"]));
  expect(markOf(["a", "b"])).toMatch(/^2(-[0-9a-f]{8}){4}$/);
  const many = Array.from({ length: 20_000 }, (_, at) => markOf([`20.500.12345/scan-${at}`]));
  expect(new Set(many).size).toBe(many.length);
});

function columns(...ids: string[]): Column[] {
  return ids.flatMap((id) => columnOf(id) ?? []);
}

const MARKUP = `<img src=x onerror="alert(1)"><script>alert(1)</script>`;

test("the entry is a table of text alone, with links to SciCat and to Scanlog", () => {
  const row: Row = {
    pid: "20.500/a&b",
    fields: {
      creationTime: "2026-03-01T09:30:00Z",
      datasetName: MARKUP,
      comment: `first\n${MARKUP}`,
      dataQualityMetrics: 2.5,
      scientificMetadata: { "<b>": { "x'y": { value: 1.23456789, unit: "<u>" } } },
    },
  };
  const text = contentOf({
    columns: columns("datasetName", "creationTime", "comment", "dataQualityMetrics", "~%3Cb%3E.x%27y"),
    rows: [row],
    clock: new Clock("Europe/Stockholm"),
    scicatPages: "https://scicat.example.org",
    pictures: new Map([[row.pid, "data:image/png;base64,AAAA"]]),
    link: 'https://x.org/?q="a&b"',
  });
  expect(
    text.replace(/<\/?(table border="1"|table|tr|th|td|br|p|a href="[^"]*"|a|img src="data:[^"]*")>/g, ""),
  ).not.toMatch(/[<>"]/);
  expect(text).toContain('href="https://scicat.example.org/datasets/20.500%2Fa%26b"');
  expect(text).toContain('href="https://x.org/?q=&quot;a&amp;b&quot;"');
  expect(text).toContain("<th>Time (Europe/Stockholm)</th>");
  expect(text).toContain("<td>2026-03-01 10:30:00</td>");
  expect(text).toContain("first<br>&lt;img");
  expect(text).toContain("<td>★★½</td>");
  expect(text).toContain("<th>&lt;b&gt; / x&#39;y (&lt;u&gt;)</th><th>Picture</th>");
  expect(text).toContain("<td>1.23457</td>");
  expect(escaped("\u202eabc\0\u0007")).toBe("abc  ");
});

/** A logbook in memory; `late` runs within the first POST, before it is answered. */
function elogyOf(late: (add: (mark: string) => number) => void = () => undefined) {
  const all: { id: number; mark: string; follows: number | null; archived: boolean }[] = [];
  const add = (mark: string, follows: number | null = null) =>
    all.push({ id: all.length + 1, mark, follows, archived: false });
  let posts = 0;
  vi.stubGlobal("fetch", async (address: string, { method, body }: RequestInit) => {
    const url = new URL(address, "http://x/");
    const [, id] = /entries\/(\d+)\/$/.exec(url.pathname) ?? [];
    const json = (answer: unknown) => new Response(JSON.stringify(answer));
    if (method === "POST") {
      posts += 1;
      if (posts === 1) late(add);
      add(JSON.parse(String(body)).metadata.scanlog, id === undefined ? null : Number(id));
      return json({ entry: all.at(-1) });
    }
    const one = all[Number(id) - 1];
    if (method === "PUT" && one !== undefined) one.archived = JSON.parse(String(body)).archived;
    if (one !== undefined) return json({ entry: one });
    const mark = url.searchParams.get("metadata")?.replace("scanlog:", "");
    return json({ entries: all.filter((other) => other.mark === mark && !other.archived).reverse() });
  });
  return all;
}

const ENTRY = { title: "x", content: "x", author: "ada", attributes: {}, mark: "m" };

test("the same scans twice make one entry, at each place of the logbook", async () => {
  const all = elogyOf();
  expect(await send({ logbook: 1, follows: null }, ENTRY)).toEqual({ id: 1, fresh: true });
  expect(await send({ logbook: 1, follows: null }, ENTRY)).toEqual({ id: 1, fresh: false });
  expect(await send({ logbook: 1, follows: 1 }, ENTRY)).toEqual({ id: 2, fresh: true });
  expect(await send({ logbook: 1, follows: 1 }, ENTRY)).toEqual({ id: 2, fresh: false });
  expect(all).toHaveLength(2);
});

test("of two who write at once the later takes its own away", async () => {
  const all = elogyOf((add) => add("m"));
  expect(await send({ logbook: 1, follows: null }, ENTRY)).toEqual({ id: 1, fresh: false });
  expect(all.filter((one) => !one.archived).map((one) => one.id)).toEqual([1]);
});

test("two that run side by side leave one", async () => {
  const all = elogyOf();
  const sent = await Promise.all([1, 2, 3].map(() => send({ logbook: 1, follows: null }, ENTRY)));
  expect(new Set(sent.map((one) => one.id))).toEqual(new Set([1]));
  expect(all.filter((one) => !one.archived)).toHaveLength(1);
});

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  } as unknown as Storage;
}

test("the form is there again until it is sent, and begins at the same logbook then", () => {
  const [tab, browser] = [storage(), storage()];
  const draft = {
    ...keptDraft(tab, browser, "ada"),
    title: "mine",
    logbook: 7,
    attributes: { a: "x", b: ["y"] },
  };
  keepDraft(tab, "ada", draft);
  expect(keptDraft(tab, browser, "ada")).toEqual(draft);
  expect(keptDraft(tab, browser, "ben").title).toBe(TITLE);
  draftSent(tab, browser, "ada", 7);
  expect(keptDraft(tab, browser, "ada")).toMatchObject({ title: TITLE, logbook: 7, attributes: {} });
  for (const text of [null, "{", "5", '{"title": 5}']) expect(draftFrom(text)).toBeNull();
  expect(draftFrom('{"title": "x", "logbook": -1, "attributes": {"a": 5}}')).toMatchObject({
    logbook: null,
    attributes: {},
  });
});
