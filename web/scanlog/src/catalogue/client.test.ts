import { afterEach, expect, test, vi } from "vitest";
import { Catalogue, CatalogueError, refusal } from "./client";

afterEach(() => vi.unstubAllGlobals());

function answering(status: number, text: string) {
  const asked: [string, RequestInit][] = [];
  vi.stubGlobal("fetch", async (address: string, request: RequestInit) => {
    asked.push([address, request]);
    return new Response(status === 204 ? null : text, { status });
  });
  return asked;
}

test("the token goes into a header, never into an address", async () => {
  const asked = answering(200, "[]");
  await new Catalogue("secret").ask("/datasets");
  const [address, request] = asked[0] ?? ["", {}];
  expect(address).toBe("api/v3/datasets");
  expect((request.headers as Record<string, string>).Authorization).toBe("Bearer secret");
  expect(request.credentials).toBe("omit");
});

test("an empty body is nothing, and what is no JSON is told", async () => {
  answering(200, "");
  expect((await new Catalogue(null).ask("/auth/whoami")).body).toBeNull();
  answering(200, "<html>");
  await expect(new Catalogue(null).ask("/datasets")).rejects.toThrow("SciCat sent no JSON for /datasets");
});

test("a network that is away is told", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  await expect(new Catalogue(null).ask("/datasets")).rejects.toMatchObject({ trouble: "away" });
});

test.each([
  [401, "login"],
  [403, "forbidden"],
  [404, "missing"],
  [412, "changed"],
  [400, "refused"],
  [500, "server"],
  [502, "away"],
])("a status of %d is %s", (status, trouble) => {
  const error = refusal(status, '{"message": ["a is wrong", "b too"]}');
  expect(error).toBeInstanceOf(CatalogueError);
  expect(error.trouble).toBe(trouble);
  expect(error.message).toContain("a is wrong; b too");
  expect(refusal(status, "<html>").message).not.toContain("<");
  const elogy = '{"messages": {"attributes": ["missing required attributes"], "title": ["wrong"]}}';
  expect(refusal(status, elogy, "The logbook").message).toContain("missing required attributes; wrong");
});

test.each([
  ["a dead token", "", "login", true],
  ["a right that is missing", '{"_id": "1"}', "forbidden", false],
])("403 for %s is told from the other", async (_, who, trouble, told) => {
  vi.stubGlobal("fetch", async (address: string) =>
    address.endsWith("/auth/whoami") ? new Response(who) : new Response("{}", { status: 403 }),
  );
  const ended = vi.fn();
  await expect(new Catalogue("t", ended).ask("/datasets/1")).rejects.toMatchObject({ trouble });
  expect(ended).toHaveBeenCalledTimes(told ? 1 : 0);
});
