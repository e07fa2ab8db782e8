import { expect, test } from "vitest";
import { cellOf, columnOf, FIELDS, idOf, type Row, stateOf, unitOf } from "./columns";

function row(scientificMetadata: object, fields: object = {}): Row {
  return { pid: "p", fields: { pid: "p", ...fields, scientificMetadata } as never };
}

const ENERGY = columnOf("~mono.energy");

test("a column of metadata asks for its item and is sorted by its value", () => {
  expect(ENERGY).toMatchObject({
    title: "mono / energy",
    needs: ["scientificMetadata.mono.energy"],
    sort: "scientificMetadata.mono.energy.value",
  });
  expect(columnOf(idOf(["exit slit", "a.b"]))?.needs).toEqual(["scientificMetadata.exit%20slit.a%2Eb"]);
});

test("an id that names nothing is no column", () => {
  for (const id of ["", "~", "~%zz", "nosuch", "~a..b"]) expect(columnOf(id)).toBeNull();
});

test("a cell has its value, or the reason why there is none", () => {
  if (ENERGY === null) throw new Error("no column");
  expect(cellOf(row({ mono: { energy: { value: 700, unit: "eV" } } }), ENERGY)).toMatchObject({
    text: "700",
    unit: "eV",
    numeric: true,
  });
  expect(cellOf(row({ mono: { energy: { error: "frozen", unit: "eV" } } }), ENERGY).reason).toBe("frozen");
  expect(cellOf(row({}), ENERGY)).toMatchObject({ text: "", value: undefined, reason: "" });
});

test("the unit is the column's where all rows agree", () => {
  if (ENERGY === null) throw new Error("no column");
  const of = (unit: string) => row({ mono: { energy: { value: 1, unit } } });
  expect(unitOf(ENERGY, [of("eV"), row({}), of("eV")])).toBe("eV");
  expect(unitOf(ENERGY, [of("eV"), of("keV")])).toBe("");
});

test("a scan without an exit status runs; what is no scan of SciFish has no state", () => {
  expect(stateOf(row({ scan: {} }))).toBe("running");
  expect(stateOf(row({ scan: { exitStatus: "aborted" } }))).toBe("aborted");
  expect(stateOf(row({}))).toBe("");
});

test("fields are shown as people read them", () => {
  const shown = (id: string, one: Row) => {
    const column = FIELDS.find((other) => other.id === id);
    return column && cellOf(one, column).text;
  };
  const one = row(
    { scan: { scanID: 7, startTime: "2026-03-01T09:30:00Z", endTime: "2026-03-01T09:31:05Z" } },
    { size: 6017, proposalIds: [null], sampleIds: ["a", "b"], techniques: [{ pid: "x", name: "XPS" }] },
  );
  expect(shown("duration", one)).toBe("1 min 5 s");
  expect(shown("scanID", one)).toBe("7");
  expect(shown("size", one)).toBe("6.02 kB");
  expect(shown("proposalIds", one)).toBe("");
  expect(shown("sampleIds", one)).toBe("a, b");
  expect(shown("techniques", one)).toBe("XPS");
});
