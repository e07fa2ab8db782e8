import { expect, test } from "vitest";
import { addressOf, linkOf, namesView, placeOf, sameButWidths, viewOf } from "./address";
import { keptFrom, nameFrom, viewsFrom, withoutView, withView } from "./named";
import {
  DEFAULT_VIEW,
  isNarrowed,
  moved,
  resized,
  sortedBy,
  type View,
  WIDEST,
  withColumn,
  withCondition,
  withoutColumn,
} from "./view";

const VIEW: View = {
  columns: ["creationTime", "~mono.exit%20slit", "~a%2Eb.c"],
  widths: { "~mono.exit%20slit": 222 },
  sort: { column: "~mono.exit%20slit", down: false },
  period: { kind: "between", from: "2026-03-01T00:00:00.000Z", to: "2026-03-02T00:00:00.000Z" },
  proposal: "20260042",
  text: "a&b=c ?",
  conditions: [
    { kind: "range", column: "~mono.exit%20slit", from: -1.5, to: null },
    { kind: "set", column: "datasetName", values: ["x,y", '"z"'] },
  ],
};

test("the address says all of a view, and nothing of the usual one", () => {
  expect(viewOf(addressOf(VIEW))).toEqual(VIEW);
  expect(addressOf(DEFAULT_VIEW)).toBe("");
  expect(viewOf("")).toEqual(DEFAULT_VIEW);
});

test.each([{ kind: "last", hours: 8 }, { kind: "visit", name: "2026030109" }, { kind: "always" }] as const)(
  "the period $kind is in the address",
  (period) => expect(viewOf(addressOf({ ...DEFAULT_VIEW, period })).period).toEqual(period),
);

test("what an address says wrong is left out", () => {
  const view = viewOf(
    "c=nosuch&c=~%25zz&s=-nosuch&t=yesterday&w=99:nosuch&w=x&f=%7B&f=5&f=%5B%22nosuch%22%2C%221%22%5D&z=1",
  );
  expect(view).toEqual(DEFAULT_VIEW);
  expect(viewOf("s=-state").sort).toEqual(DEFAULT_VIEW.sort); // SciCat cannot sort by it
});

test("a link says the view and the opened scan, the usual view too", () => {
  const opened = "20.500.12345/a&b c";
  for (const place of [
    { view: VIEW, opened },
    { view: DEFAULT_VIEW, opened },
    { view: DEFAULT_VIEW, opened: null },
  ]) {
    expect(placeOf(linkOf(place))).toEqual(place);
    expect(namesView(linkOf(place))).toBe(true);
  }
  expect(placeOf("o=").opened).toBeNull();
});

test("a width is no other place; another scan or view is", () => {
  const place = { view: VIEW, opened: null };
  expect(sameButWidths(place, { view: resized(VIEW, "creationTime", 300), opened: null })).toBe(true);
  expect(sameButWidths(place, { view: VIEW, opened: "a" })).toBe(false);
  expect(sameButWidths(place, { view: { ...VIEW, text: "other" }, opened: null })).toBe(false);
});

test("an address names a view, or it does not", () => {
  expect(namesView("?q=a")).toBe(true);
  expect(namesView("?o=a")).toBe(true);
  expect(namesView("?other=a")).toBe(false);
});

test("columns are added, moved, resized and hidden", () => {
  const added = withColumn(DEFAULT_VIEW, "~mono.energy", 0);
  expect(added.columns[0]).toBe("~mono.energy");
  expect(withColumn(added, "~mono.energy")).toBe(added);
  expect(withColumn(added, "nosuch")).toBe(added);
  expect(moved(added, "~mono.energy", 2).columns[2]).toBe("~mono.energy");
  expect(moved(added, "~mono.energy", 999).columns.at(-1)).toBe("~mono.energy");
  expect(moved(added, "nosuch", 1)).toBe(added);
  expect(resized(added, "~mono.energy", 5000).widths["~mono.energy"]).toBe(WIDEST);
});

test("a hidden column neither sorts nor filters", () => {
  const view = withoutColumn(VIEW, "~mono.exit%20slit");
  expect(view.sort.column).toBe("creationTime");
  expect(view.conditions.map((one) => one.column)).toEqual(["datasetName"]);
});

test("sorting twice turns the order around", () => {
  const once = sortedBy(DEFAULT_VIEW, "size");
  expect(once.sort).toEqual({ column: "size", down: true });
  expect(sortedBy(once, "size").sort.down).toBe(false);
});

test("one condition a column, and an empty one is none", () => {
  const condition = { kind: "range", column: "size", from: 1, to: null } as const;
  const view = withCondition(withCondition(DEFAULT_VIEW, condition), { ...condition, from: 2 });
  expect(view.conditions).toHaveLength(1);
  expect(isNarrowed(view)).toBe(true);
  expect(isNarrowed(withCondition(view, { ...condition, from: null }))).toBe(false);
});

test("named views are kept, and what was kept is checked", () => {
  const views = withView({}, nameFrom("  my   view "), "q=a");
  expect(views).toEqual({ "my view": "q=a" });
  expect(withoutView(views, "my view")).toEqual({});
  expect(keptFrom(JSON.stringify({ views, inSciCat: true }))).toEqual({ views, inSciCat: true });
  expect(keptFrom("{")).toEqual({ views: {}, inSciCat: false });
  expect(viewsFrom({ a: 5, b: "q=1", "": "x" } as never)).toEqual({ b: "q=1" });
});
