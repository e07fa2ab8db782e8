import { expect, test } from "vitest";
import type { Row } from "../columns/columns";
import { DEFAULT_VIEW } from "../view/view";
import { admitted, begin, changesFilter, comesFirst, withChanges, withLive } from "./changes";
import { EVERY, pause } from "./pace";

const NOW = Date.parse("2026-03-01T12:00:00Z");

function row(pid: string, second: number, more: object = {}): Row {
  const time = `2026-03-01T09:00:${String(second).padStart(2, "0")}.000Z`;
  return { pid, fields: { pid, creationTime: time, updatedAt: time, ...more } };
}

const PAGES = [row("c", 30), row("b", 20), row("a", 10)];
const KNOWN = new Set(["a", "b", "c"]);

test("the first look goes on from the latest change that is shown, whatever the clocks say", () => {
  const { seen } = begin(PAGES, Date.parse("2031-01-01T00:00:00Z"));
  expect(seen.until).toBe("2026-03-01T09:00:30.000Z");
  expect([...seen.recent.keys()]).toEqual(["c"]);
  expect(begin([], NOW).seen.until).toBe("2026-03-01T12:00:00.000Z");
});

test("a look without news asks for nothing that was seen: its answer is empty", () => {
  const { seen } = begin(PAGES, NOW);
  const filter = changesFilter(DEFAULT_VIEW, seen, "2026-03-01T09:00:30.000Z", NOW);
  expect(filter.where).toEqual({
    creationTime: { gte: "2026-02-28T09:00:30.000Z" },
    updatedAt: { gt: "2026-03-01T09:00:25.000Z" },
    and: [{ or: [{ updatedAt: { gt: "2026-03-01T09:00:30.000Z" } }, { pid: { nin: ["c"] } }] }],
  });
  expect(filter.limits.order).toBe("updatedAt:asc");
});

test("the view's own period and filters stay", () => {
  const { seen } = begin(PAGES, NOW);
  const view = { ...DEFAULT_VIEW, period: { kind: "last", hours: 2 }, text: "x" } as const;
  const { where } = changesFilter(view, seen, "2026-03-01T09:00:30.000Z", NOW);
  expect(where.creationTime).toEqual({ gte: "2026-03-01T10:00:00.000Z" });
  expect(where.and).toHaveLength(2);
});

test("a new scan is announced, and stands at its time when it is admitted", () => {
  const live = withChanges(begin(PAGES, NOW), [row("d", 40), row("late", 15)], KNOWN);
  expect(live.waiting.map((one) => one.pid)).toEqual(["d", "late"]);
  expect(withLive(PAGES, live)).toBe(PAGES);
  const shown = admitted(live);
  expect(shown.waiting).toEqual([]);
  expect(withLive(PAGES, shown).map((one) => one.pid)).toEqual(["d", "c", "b", "late", "a"]);
});

test("a scan that is shown is renewed in its place, also one that is announced or new", () => {
  const first = withChanges(begin(PAGES, NOW), [row("d", 40)], KNOWN);
  const done = { updatedAt: "2026-03-01T09:01:00.000Z", comment: "done" };
  const live = withChanges(first, [row("b", 20, done), row("d", 40, done)], KNOWN);
  expect(live.waiting).toHaveLength(1);
  expect(withLive(PAGES, admitted(live)).map((one) => one.fields.comment)).toEqual([
    "done",
    undefined,
    "done",
    undefined,
  ]);
});

test("an older answer does not win over pages that were read later", () => {
  const live = withChanges(begin(PAGES, NOW), [row("b", 20, { comment: "old" })], KNOWN);
  const pages = [row("b", 20, { updatedAt: "2026-03-01T10:00:00.000Z", comment: "new" })];
  expect(withLive(pages, live)[0]?.fields.comment).toBe("new");
});

test("an answer without news changes nothing", () => {
  const live = begin(PAGES, NOW);
  expect(withChanges(live, [], KNOWN)).toBe(live);
});

test("what was seen is forgotten after the overlap", () => {
  const live = withChanges(begin(PAGES, NOW), [row("d", 40), row("e", 38)], KNOWN);
  expect([...live.seen.recent.keys()].sort()).toEqual(["d", "e"]);
});

test("new scans come first only where the newest do", () => {
  expect(comesFirst(DEFAULT_VIEW)).toBe(true);
  expect(comesFirst({ ...DEFAULT_VIEW, sort: { column: "size", down: true } })).toBe(false);
});

test("SciCat is asked every 2 s, and less and less while it is away", () => {
  expect(pause(0, 0.5)).toBe(EVERY);
  const pauses = [1, 2, 3, 4, 5, 50].map((failures) => pause(failures, 0.5));
  expect(pauses).toEqual([4000, 8000, 16000, 30000, 30000, 30000]);
  expect(pause(5, 1)).toBeLessThanOrEqual(37_500);
});
