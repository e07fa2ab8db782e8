import { expect, test } from "vitest";
import { type Column, columnOf, FIELDS, type Row } from "../columns/columns";
import { MOST, wholeOf } from "./cells";
import { csvOf, field, fileName } from "./csv";

function column(id: string): Column {
  const found = columnOf(id);
  if (found === null) throw new Error(id);
  return found;
}

function row(pid: string, metadata: object, fields: object = {}): Row {
  return { pid, fields: { ...fields, scientificMetadata: metadata } as Row["fields"] };
}

const ENERGY = column("~mono.energy");

test("a row of names, one of units, then the scans; in UTF-8 with a mark, each line with CR LF", () => {
  const rows = [
    row("a", { mono: { energy: { value: 700.123456789012, unit: "eV" } } }, { datasetName: "scan 1" }),
    row("b", { mono: { energy: { error: "frozen", unit: "eV" } } }, { datasetName: 'a "b", c' }),
  ];
  expect(csvOf([column("datasetName"), ENERGY], rows)).toBe(
    '\ufeffScan,mono / energy\r\n,eV\r\nscan 1,700.123456789012\r\n"a ""b"", c",\r\n',
  );
});

test("where scans have different units each has its own beside it, and nothing is converted", () => {
  const rows = [
    row("a", { mono: { energy: { value: 700, unit: "eV" } } }),
    row("b", { mono: { energy: { value: 0.7, unit: "keV" } } }),
    row("c", {}),
  ];
  expect(csvOf([ENERGY], rows).split("\r\n").slice(0, 5)).toEqual([
    "\ufeffmono / energy,mono / energy (unit)",
    ",",
    "700,eV",
    "0.7,keV",
    ",",
  ]);
});

test("times are UTC with their zone, durations seconds, sizes bytes; no number is localised or rounded", () => {
  const one = row(
    "a",
    { scan: { startTime: "2026-03-01T09:30:00Z", endTime: "2026-03-01T09:31:05.5Z" } },
    { creationTime: "2026-03-01T10:30:00.125+01:00", size: 1234567890123, dataQualityMetrics: 2.5 },
  );
  const ids = ["creationTime", "duration", "size", "dataQualityMetrics"];
  expect(csvOf(ids.map(column), [one])).toBe(
    "\ufeffTime,Duration,Size,Rating\r\nUTC,s,B,\r\n2026-03-01T09:30:00.125Z,65.5,1234567890123,2.5\r\n",
  );
});

test.each([
  ["=1+1", "'=1+1"],
  ["+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"],
  ["-2+3+cmd", "'-2+3+cmd"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["  =1", "'  =1"],
  ["\t=1", `"\t'=1"`],
  ["＝1+1", "'＝1+1"],
  ["a;=1", `"a;'=1"`],
  ["a\r\n=1", `"a\r\n'=1"`],
  ['","=1', `""",""=1"`],
  ["a\0b", "ab"],
])("%j can start no formula", (text, expected) => expect(field(text)).toBe(expected));

test.each(["-5", "+5.2", "-1e-9", ".5", "7."])("the number %s is let through", (text) =>
  expect(field(text)).toBe(text),
);

test("a negative number stays a number", () => {
  expect(csvOf([ENERGY], [row("a", { mono: { energy: -1.5e-9 } })])).toContain("\r\n-1.5e-9\r\n");
});

test("names and units of columns are no less hostile than values", () => {
  const hostile = column("~=a.b");
  const text = csvOf([hostile], [row("p", { "=a": { b: { value: 1, unit: "@x" } } })]);
  expect(text).toBe("\ufeff'=a / b\r\n'@x\r\n1\r\n");
});

test("lists, summaries and what is no number are whole", () => {
  const whole = (value: unknown) => wholeOf(row("a", { mono: { energy: value } }), ENERGY).value;
  expect(whole([1, 2.5, "a"])).toBe('[1,2.5,"a"]');
  expect(whole(true)).toBe("true");
  expect(whole({ value: { shape: [2], dtype: "f8" } })).toBe('{"shape":[2],"dtype":"f8"}');
  expect(whole("x".repeat(1_000_000))).toHaveLength(MOST);
  expect(whole("x".repeat(1_000_000))).toMatch(/… \(1000000 characters\)$/);
  const samples = row("a", {}, { sampleIds: ["one", "two"], proposalIds: [null] });
  expect(wholeOf(samples, column("sampleIds")).value).toBe("one, two");
  expect(wholeOf(samples, column("proposalIds")).value).toBe("");
});

test("every field of a dataset can be written", () => {
  const lines = csvOf(FIELDS, [row("a", {})])
    .trimEnd()
    .split("\r\n");
  expect(lines.map((one) => one.split(",").length)).toEqual([FIELDS.length, FIELDS.length, FIELDS.length]);
});

test("the file's name tells proposal and time, and leads nowhere", () => {
  const now = Date.parse("2026-03-01T09:30:00.500Z");
  expect(fileName("20260042", now)).toBe("scanlog-20260042-2026-03-01T093000Z.csv");
  expect(fileName("", now)).toBe("scanlog-2026-03-01T093000Z.csv");
  expect(fileName("../../x\u202e/é", now)).toBe("scanlog-x_-2026-03-01T093000Z.csv");
});
