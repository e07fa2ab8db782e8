import { describe, expect, test } from "vitest";
import { bytes, CELL, full, short, shortNumber } from "./values";

describe("numbers have six significant digits", () => {
  test.each([
    [852.7, "852.7"],
    [399.5051073222217, "399.505"],
    [3.2e-10, "3.2e-10"],
    [1.23456789e-5, "1.23457e-5"],
    [123456789.123, "1.23457e+8"],
    [35921045698, "35921045698"],
    [0, "0"],
    [-0.05, "-0.05"],
    [0.1 + 0.2, "0.3"],
  ])("%d is %s", (value, text) => expect(shortNumber(value)).toBe(text));
});

test("each kind of value has a short text", () => {
  expect(short(true)).toBe("yes");
  expect(short(null)).toBe("");
  expect(short(undefined)).toBe("");
  expect(short([1, 2.5, "a"])).toBe("1, 2.5, a");
  expect(short([1, 2, 3, 4, 5, 6, 7, 8, 9])).toBe("1, 2, 3, 4, 5, 6, 7, 8, … (9)");
  expect(short({ shape: [48, 64], dtype: "uint16", min: 0, max: 986, mean: 3 })).toBe(
    "48 × 64 values, 0 to 986",
  );
  expect(short({ name: "a" })).toBe('{"name":"a"}');
  expect(short("two\nlines\t here")).toBe("two lines here");
});

test("a text of a megabyte is cut before anything is done with it", () => {
  const text = "x".repeat(1_000_000);
  expect(short(text).length).toBeLessThanOrEqual(CELL);
  expect(full(text).length).toBeLessThanOrEqual(20_000);
});

test("a text is never cut within a character", () => {
  const text = "😀".repeat(300);
  expect(Array.from(short(text)).every((one) => one === "😀" || one === "…")).toBe(true);
});

test("the full value has all digits", () => {
  expect(full(399.5051073222217)).toBe("399.5051073222217");
  expect(full([1, 2])).toBe("[1,2]");
});

test.each([
  [0, ""],
  [6017, "6.02 kB"],
  [512, "512 B"],
  [2.5e9, "2.5 GB"],
  ["12", ""],
])("%s bytes are %s", (size, text) => expect(bytes(size)).toBe(text));
