import { expect, test } from "vitest";
import { MOST_NAMES, namesFrom, pathFrom, search, withMetadata } from "./names";

test("names are learned with unit and example; a value that was not read takes none away", () => {
  const first = withMetadata(new Map(), { mono: { energy: { value: 700, unit: "eV" } } });
  const names = withMetadata(first, { mono: { energy: { error: "frozen" } }, ring: { mode: "top-up" } });
  expect(names.get("~mono.energy")).toMatchObject({ unit: "eV", example: "700" });
  expect(names.get("~ring.mode")).toMatchObject({ example: "top-up" });
});

test("a search finds each word in group and name, and what begins with it first", () => {
  const names = withMetadata(new Map(), {
    mono: { "exit slit": 1, energy: 2 },
    slits: { "horizontal gap": 3, energy: 4 },
    other: { gap: 5 },
  });
  expect(search(names, "SLIT gap").map((one) => one.id)).toEqual(["~slits.horizontal%20gap"]);
  expect(search(names, "energy")).toHaveLength(2);
  expect(search(names, "gap")[0]?.id).toBe("~other.gap");
  expect(search(names, "")).toHaveLength(5);
});

test("a name that was never seen can be typed with its group", () => {
  expect(pathFrom(" mono / exit slit ")).toEqual(["mono", "exit slit"]);
  for (const text of ["", "mono", "mono /", "/ slit", "a//b"]) expect(pathFrom(text)).toBeNull();
});

test("10,000 names are searched at once, and no more than a limit is kept", () => {
  const many = Object.fromEntries(Array.from({ length: MOST_NAMES + 500 }, (_, at) => [`name ${at}`, at]));
  const names = withMetadata(new Map(), { group: many });
  expect(names.size).toBe(MOST_NAMES);
  const begin = performance.now();
  expect(search(names, "name 99").length).toBeGreaterThan(100);
  expect(performance.now() - begin).toBeLessThan(500);
});

test("what the browser kept is checked", () => {
  const names = withMetadata(new Map(), { mono: { energy: 1 } });
  expect(namesFrom(JSON.stringify([...names.values()]))).toEqual(names);
  for (const text of [null, "", "{", "[1]", '[{"id":"~a","path":["b"],"unit":"","example":""}]'])
    expect(namesFrom(text).size).toBe(0);
});
