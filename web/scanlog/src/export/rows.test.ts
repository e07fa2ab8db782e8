import { afterEach, expect, test, vi } from "vitest";
import { Catalogue } from "../catalogue/client";
import { DEFAULT_VIEW } from "../view/view";
import { exported } from "./rows";

afterEach(() => vi.unstubAllGlobals());

/** A catalogue that has some scans; what it was asked for. */
function catalogueOf(pids: readonly string[]) {
  const asked: string[][] = [];
  vi.stubGlobal("fetch", async (address: string) => {
    const filter = JSON.parse(new URL(address, "http://x/").searchParams.get("filter") ?? "{}");
    const wanted: string[] = filter.where.pid.inq;
    asked.push(wanted);
    return new Response(JSON.stringify(wanted.filter((pid) => pids.includes(pid)).map((pid) => ({ pid }))));
  });
  return asked;
}

const SHOWN = ["c", "b", "a"].map((pid) => ({ pid, fields: { pid } }));

function exportOf(pids: readonly string[]) {
  return exported(new Catalogue("t"), DEFAULT_VIEW, new Set(pids), SHOWN);
}

test("all that are shown are exported when none is selected", async () => {
  const asked = catalogueOf([]);
  expect(await exportOf([])).toEqual({ rows: SHOWN, gone: 0 });
  expect(asked).toEqual([]);
});

test("those selected are exported in the table's order, without a question to SciCat", async () => {
  const asked = catalogueOf([]);
  const { rows } = await exportOf(["a", "c"]);
  expect(rows.map((one) => one.pid)).toEqual(["c", "a"]);
  expect(asked).toEqual([]);
});

test("those that the table has not read are asked for, a part at a time; who is gone is counted", async () => {
  const many = Array.from({ length: 90 }, (_, at) => `x${at}`);
  const asked = catalogueOf(many);
  const { rows, gone } = await exportOf(["b", ...many, "gone"]);
  expect(rows).toHaveLength(91);
  expect(rows[0]?.pid).toBe("b");
  expect(gone).toBe(1);
  expect(asked.map((one) => one.length)).toEqual([40, 40, 11]);
});
