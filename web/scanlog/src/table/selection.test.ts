import { expect, test } from "vitest";
import {
  countIn,
  extended,
  NONE,
  only,
  type Selection,
  selectionFrom,
  spoken,
  textOf,
  toggled,
  withAll,
} from "./selection";

const ROWS = ["a", "b", "c", "d", "e"].map((pid) => ({ pid, fields: {} }));

function pids(selection: Selection): string {
  return [...selection.pids].sort().join("");
}

test("one is selected, more are added and taken away", () => {
  const two = toggled(only("b"), "d");
  expect(pids(two)).toBe("bd");
  expect(pids(toggled(two, "b"))).toBe("d");
});

test("a range goes from the anchor in both directions, and shrinks again", () => {
  const up = extended(only("c"), ROWS, "a", false);
  expect(pids(up)).toBe("abc");
  expect(pids(extended(up, ROWS, "d", false))).toBe("cd");
  expect(pids(extended(extended(up, ROWS, "e", false), ROWS, "d", false))).toBe("cd");
  expect(pids(extended(toggled(only("a"), "d"), ROWS, "e", true))).toBe("ade");
});

test("a range whose anchor is no longer in the table begins at the scan itself", () => {
  expect(pids(extended(only("gone"), ROWS, "b", false))).toBe("b");
  expect(pids(extended(NONE, ROWS, "b", false))).toBe("b");
  const selection = only("a");
  expect(extended(selection, ROWS, "gone", false)).toBe(selection);
});

test("a selection stays when rows move, come and go", () => {
  const selection = extended(only("b"), ROWS, "c", false);
  const later = [{ pid: "new", fields: {} }, ...ROWS.filter((one) => one.pid !== "b")];
  expect(countIn(selection, later)).toEqual({ count: 1, all: false });
  expect(spoken(selection, later)).toBe("2 scans selected, 1 of them not among those shown.");
});

test("all that is shown is selected, beside what was", () => {
  const selection = withAll(only("other"), ROWS);
  expect(countIn(selection, ROWS)).toEqual({ count: 5, all: true });
  expect(selection.pids.has("other")).toBe(true);
  expect(countIn(NONE, []).all).toBe(false);
  expect(spoken(NONE, ROWS)).toBe("");
  expect(spoken(only("a"), ROWS)).toBe("1 scan selected.");
});

test("what the tab kept is checked", () => {
  expect(pids(selectionFrom(textOf(withAll(NONE, ROWS))))).toBe("abcde");
  for (const text of [null, "{", "5", '{"a":1}', "[1, null]"]) expect(selectionFrom(text).pids.size).toBe(0);
});
