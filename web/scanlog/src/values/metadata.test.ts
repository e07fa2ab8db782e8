import { expect, test } from "vitest";
import { encodeName, isLeaf, itemAt, items, pathOf, shownName, spoken, storedPath } from "./metadata";

const METADATA = {
  mono: { energy: { value: 700, unit: "eV", valueSI: 1e-16, unitSI: "J" }, mode: "fixed" },
  cooling: { flow: { unit: "l/min", error: "no answer" } },
  camera: { image: { shape: [2, 3], dtype: "uint8", min: 0, max: 9, mean: 4 } },
  heater: { power: { value: 12, unit: "", declaredUnit: "%" } },
  plain: 5,
};

test("items are listed with value, unit and the reason of absence", () => {
  const found = items(METADATA);
  expect(found.map((one) => spoken(one.path))).toEqual([
    "mono / energy",
    "mono / mode",
    "cooling / flow",
    "camera / image",
    "heater / power",
    "plain",
  ]);
  expect(found[0]).toMatchObject({ value: 700, unit: "eV", reason: "", quantity: true });
  expect(found[2]).toMatchObject({ value: undefined, unit: "l/min", reason: "no answer" });
  expect(found[4]).toMatchObject({ unit: "%" });
  expect(found[5]).toMatchObject({ value: 5, quantity: false });
});

test("a summary of an array is one value, and a list is", () => {
  expect(isLeaf(METADATA.camera.image)).toBe(true);
  expect(isLeaf([1, 2])).toBe(true);
  expect(isLeaf({ a: 1 })).toBe(false);
});

test("an item is found by its path, and nothing that JavaScript itself has", () => {
  expect(itemAt(METADATA, ["mono", "energy"])?.value).toBe(700);
  expect(itemAt(METADATA, ["mono", "none"])).toBeUndefined();
  expect(itemAt(METADATA, ["constructor", "name"])).toBeUndefined();
  expect(itemAt(METADATA, ["plain", "length"])).toBeUndefined();
});

test("metadata that is nested very deep ends somewhere", () => {
  let deep: Record<string, never> | object = { end: 1 };
  for (let level = 0; level < 200; level++) deep = { a: deep };
  expect(items(deep as never)).toHaveLength(1);
});

test("names are stored as SciCat does it, and read back", () => {
  for (const name of ["exit slit", "a.b", "Größe", "50%", "a/b", "!*'()", "x y.z"]) {
    expect(pathOf(storedPath(["group", name]))).toEqual(["group", name]);
  }
  expect(encodeName("temp. 1")).toBe("temp%2E%201");
  expect(encodeName("\ud800")).toBe("\ud800");
  expect(pathOf("%zz")).toBeNull();
  expect(pathOf("a..b")).toBeNull();
});

test("the underscore before u and v is SciFish's, and is not shown", () => {
  expect(shownName("_vertical gap")).toBe("vertical gap");
  expect(shownName("__user")).toBe("_user");
  expect(shownName("_private")).toBe("_private");
});
