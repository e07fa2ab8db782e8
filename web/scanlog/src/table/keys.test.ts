import { expect, test } from "vitest";
import { moveTo } from "./keys";
import { once } from "./useRows";

const SIZE = { rows: 50, columns: 4, page: 10 };

test.each([
  ["ArrowDown", { row: 6, column: 2 }],
  ["ArrowUp", { row: 4, column: 2 }],
  ["ArrowLeft", { row: 5, column: 1 }],
  ["PageDown", { row: 15, column: 2 }],
  ["PageUp", { row: 0, column: 2 }],
  ["Home", { row: 0, column: 2 }],
  ["End", { row: 49, column: 2 }],
])("%s moves", (key, to) => expect(moveTo(key, { row: 5, column: 2 }, SIZE)).toEqual(to));

test("no key leads out of the table, and others lead nowhere", () => {
  expect(moveTo("ArrowRight", { row: 0, column: 3 }, SIZE)).toEqual({ row: 0, column: 3 });
  expect(moveTo("a", { row: 0, column: 0 }, SIZE)).toBeNull();
  expect(moveTo("End", { row: 0, column: 0 }, { ...SIZE, rows: 0 })).toBeNull();
});

test("a scan that comes with two pages is shown once", () => {
  const row = (pid: string) => ({ pid, fields: {} });
  expect(once([row("a"), row("b"), row("a")]).map((one) => one.pid)).toEqual(["a", "b"]);
});
