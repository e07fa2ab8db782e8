import { expect, test } from "vitest";
import type { Row } from "../columns/columns";
import { DEFAULT_VIEW, type View } from "../view/view";
import { fieldsOf, nextPlace, PAGE, pageFilter, rowsOf, START, textWhere, whereOf } from "./query";

const NOW = Date.parse("2026-03-01T12:00:00Z");

function rows(
  count: number,
  time = (at: number) => `2026-03-01T09:00:${String(at % 60).padStart(2, "0")}.000Z`,
): Row[] {
  return Array.from({ length: count }, (_, at) => ({ pid: `p${at}`, fields: { creationTime: time(at) } }));
}

test("the newest come first, and only what is shown is asked for", () => {
  const filter = pageFilter(DEFAULT_VIEW, START, NOW);
  expect(filter.where).toEqual({});
  expect(filter.limits).toEqual({ limit: PAGE, order: "creationTime:desc" });
  expect(filter.fields).toContain("pid");
  expect(filter.fields).not.toContain("scientificMetadata");
});

test("the key that is sorted by is among the fields, and no field stands in another", () => {
  const view: View = {
    ...DEFAULT_VIEW,
    columns: ["~mono.energy", "~mono"],
    sort: { column: "~mono.energy", down: false },
  };
  const fields = fieldsOf(view);
  expect(fields).toContain("scientificMetadata.mono");
  expect(fields).not.toContain("scientificMetadata.mono.energy");
  expect(pageFilter(view, START, NOW).limits.order).toBe("scientificMetadata.mono.energy.value:asc");
});

test("the next page is after the last row, without those of the very same time", () => {
  const page = rows(PAGE, (at) =>
    at < 98 ? `2026-03-01T10:00:00.${100 + at}Z` : "2026-03-01T09:00:00.000Z",
  );
  const place = nextPlace(DEFAULT_VIEW, page, PAGE);
  expect(place).toEqual({ kind: "after", time: "2026-03-01T09:00:00.000Z", seen: ["p98", "p99"] });
  if (place === null) throw new Error("no place");
  const view: View = { ...DEFAULT_VIEW, period: { kind: "last", hours: 8 } };
  expect(pageFilter(view, place, NOW).where).toEqual({
    creationTime: { gte: "2026-03-01T04:00:00.000Z", lte: "2026-03-01T09:00:00.000Z" },
    pid: { nin: ["p98", "p99"] },
  });
});

test("a short page is the last one; by another column pages are counted", () => {
  expect(nextPlace(DEFAULT_VIEW, rows(7), 7)).toBeNull();
  const view: View = { ...DEFAULT_VIEW, sort: { column: "size", down: true } };
  expect(nextPlace(view, rows(200), PAGE)).toEqual({ kind: "skip", rows: 200 });
});

test("filters become SciCat's conditions", () => {
  const view: View = {
    ...DEFAULT_VIEW,
    period: { kind: "between", from: "2026-03-01T00:00:00.000Z", to: "" },
    proposal: "20260042",
    text: "scan 1",
    conditions: [
      { kind: "range", column: "~mono.energy", from: 100, to: null },
      { kind: "set", column: "~ring.on", values: ["yes", "5"] },
      { kind: "range", column: "dataQualityMetrics", from: 2, to: 3 },
    ],
  };
  expect(whereOf(view, NOW)).toEqual({
    creationTime: { gte: "2026-03-01T00:00:00.000Z" },
    proposalId: { inq: ["20260042"] },
    and: [
      {
        or: [
          { "scientificMetadata.mono.energy.value": { gte: 100 } },
          { "scientificMetadata.mono.energy": { gte: 100 } },
        ],
      },
      {
        or: [
          { "scientificMetadata.ring.on.value": { inq: ["yes", true, "5", 5] } },
          { "scientificMetadata.ring.on": { inq: ["yes", true, "5", 5] } },
        ],
      },
      { dataQualityMetrics: { gte: 2, lte: 3 } },
      textWhere("scan 1"),
    ],
  });
});

test("a text is searched as it is: no pattern, and never a date", () => {
  const [first] = textWhere("a(b.*").or as { datasetName: { ilike: string } }[];
  expect(first?.datasetName.ilike).toBe("(?:a\\(b\\.\\*)");
  expect(Number.isNaN(Date.parse("(?:scan 1)"))).toBe(true);
  expect(Number.isNaN(Date.parse("(?:2026-03-01)"))).toBe(true);
});

test("an answer that is none has no rows", () => {
  expect(rowsOf([{ pid: "a" }, null, 5, { name: "x" }] as never)).toHaveLength(1);
  expect(rowsOf({ pid: "a" })).toEqual([]);
});
