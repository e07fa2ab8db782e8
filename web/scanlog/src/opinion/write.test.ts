import { afterEach, expect, test, vi } from "vitest";
import { Catalogue } from "../catalogue/client";
import { whyNot } from "./rights";
import { comment } from "./write";

afterEach(() => vi.unstubAllGlobals());

const ADDED = { author: "ada", time: "2026-03-01T09:30:00.000Z", text: "mine" };

/** A catalogue of one dataset; somebody else writes before each of the first `others` changes arrive. */
function catalogueOf(start: string, others: number) {
  const dataset = { comment: start, updatedAt: 1000 };
  let left = others;
  vi.stubGlobal("fetch", async (_: string, request: RequestInit) => {
    const shown = () => JSON.stringify({ ...dataset, updatedAt: new Date(dataset.updatedAt).toISOString() });
    if (request.method === "GET") return new Response(shown());
    if (left-- > 0) {
      dataset.comment += "\n[2026-03-01T09:29:00Z ben] his";
      dataset.updatedAt += 5;
    }
    const since = Date.parse((request.headers as Record<string, string>)["If-Unmodified-Since"] ?? "");
    if (since <= dataset.updatedAt) return new Response("{}", { status: 412 });
    dataset.comment = JSON.parse(String(request.body)).comment;
    dataset.updatedAt += 5;
    return new Response(shown());
  });
  return dataset;
}

test("what two people write at once is both kept, and said", async () => {
  const dataset = catalogueOf("first", 2);
  const { merged } = await comment(new Catalogue("t"), "p", ADDED);
  expect(merged).toBe(true);
  expect(dataset.comment.split("\n")).toEqual([
    "first",
    "[2026-03-01T09:29:00Z ben] his",
    "[2026-03-01T09:29:00Z ben] his",
    "[2026-03-01T09:30:00Z ada] mine",
  ]);
});

test("a comment whose answer was lost is not written twice", async () => {
  const dataset = catalogueOf("", 0);
  await comment(new Catalogue("t"), "p", ADDED);
  await comment(new Catalogue("t"), "p", ADDED);
  expect(dataset.comment).toBe("[2026-03-01T09:30:00Z ada] mine");
});

test("it ends when others write all the time", async () => {
  catalogueOf("", 1000);
  await expect(comment(new Catalogue("t"), "p", ADDED)).rejects.toMatchObject({ trouble: "changed" });
});

test("who may not write is told why", () => {
  const session = { token: "t", username: "ada", userId: "1", groups: ["g"], ends: null };
  expect(whyNot(session, "g", true)).toBe("");
  expect(whyNot(session, "g", null)).toBe("");
  expect(whyNot(session, "other", true)).toContain("Only the group other");
  expect(whyNot(session, "g", false)).toContain("CREATE_DATASET_GROUPS");
  expect(whyNot({ ...session, token: null }, "g", null)).toContain("Log in");
});
