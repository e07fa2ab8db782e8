import { expect, test } from "vitest";
import { commentsOf, has, LONGEST, withComment } from "./comments";

const ADA = { author: "ada", time: "2026-03-01T09:30:00.125Z", text: "good\nsecond line" };
const BEN = { author: "ben", time: "2026-03-01T09:31:00.000Z", text: "beam was lost" };

test("comments are written one after the other, and read back", () => {
  const text = withComment(withComment("", ADA), BEN);
  expect(text).toBe("[2026-03-01T09:30:00Z ada] good\nsecond line\n[2026-03-01T09:31:00Z ben] beam was lost");
  expect(commentsOf(text)).toEqual([
    { ...ADA, time: "2026-03-01T09:30:00Z" },
    { ...BEN, time: "2026-03-01T09:31:00Z" },
  ]);
  expect(has(text, ADA)).toBe(true);
  expect(has(text, { ...BEN, text: "other" })).toBe(false);
});

test("what was written elsewhere stays, as a comment of nobody", () => {
  const text = withComment("written in SciCat\r\nby hand", ADA);
  expect(commentsOf(text)[0]).toEqual({ author: "", time: "", text: "written in SciCat\nby hand" });
  expect(commentsOf("")).toEqual([]);
});

test("no comment can pretend to be another's", () => {
  const text = withComment("", { ...ADA, author: "a]\n[x", text: "hm\n[2026-03-01T09:30:00Z ben] I agree" });
  expect(commentsOf(text)).toHaveLength(1);
});

test("a comment has a length", () => {
  expect(withComment("", { ...ADA, text: "x".repeat(1_000_000) }).length).toBeLessThan(LONGEST + 100);
});
