import { expect, test } from "vitest";
import { arrival, departure, endOf, oidcOf, relative } from "./oidc";
import { storage } from "./storage.testing";

const OIDC = { scicat: "https://scicat.example.org", client: "b303a", name: "Keycloak" };

function back(address: string, token = "t"): string {
  const asked = new URL(address).searchParams.get("returnUrl") ?? "";
  return `?${new URLSearchParams({ "access-token": token, "user-id": "1", returnUrl: asked })}`;
}

test("the browser leaves for SciCat, and comes back to the view that it left", () => {
  const kept = storage();
  const address = departure(OIDC, "/log/", "?c=size&q=a%26b", "mark", kept);
  expect(address).toMatch(/^https:\/\/scicat\.example\.org\/api\/v3\/auth\/oidc\?client=b303a&returnUrl=/);
  expect(arrival(back(address), kept)).toEqual({ token: "t", query: "?c=size&q=a%26b" });
});

test("a token that comes a second time is not taken", () => {
  const kept = storage();
  const address = departure(OIDC, "/", "", "mark", kept);
  arrival(back(address), kept);
  expect(arrival(back(address), kept)).toEqual({ token: null, query: "" });
});

test.each([
  "?access-token=t&returnUrl=/",
  "?access-token=t&returnUrl=/%23",
  "?access-token=t&returnUrl=/%23other",
  "?access-token=t&returnUrl=//evil.example.org/%23mark",
  "?access-token=t&returnUrl=https://evil.example.org/%23mark",
  "?access-token=t",
])("%s was not begun in this tab: its token is not taken", (query) => {
  const kept = storage();
  departure(OIDC, "/", "", "mark", kept);
  expect(arrival(query, kept)?.token).toBeNull();
});

test("an address without a token is no return", () => {
  expect(arrival("?c=size", storage())).toBeNull();
});

test.each([
  "https://evil.example.org/",
  "//evil.example.org",
  "/\\evil.example.org",
  "javascript:1",
  "",
  "x",
])("%s leads elsewhere", (address) => expect(relative(address)).toBeNull());

test("a tab or a line's end in an address hides no other server", () => {
  expect(relative("/\t/evil.example.org")).toBeNull();
  expect(relative("/\n\\evil.example.org")).toBeNull();
});

test("a token of SciCat's says when it ends, another does not", () => {
  const body = btoa(JSON.stringify({ exp: 1796068085, name: "å>?~" }))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
  expect(endOf(`x.${body}.y`)).toBe(1796068085000);
  expect(endOf("opaque")).toBeNull();
  expect(endOf(`x.${btoa('{"exp": "soon"}')}.y`)).toBeNull();
});

test("what a site says of it has defaults, and its address must be one", () => {
  expect(oidcOf({ scicat: "https://scicat.example.org/" })).toEqual({ ...OIDC, client: "scanlog" });
  for (const wrong of [null, undefined, "https://a", [], {}, { scicat: "javascript:alert(1)" }])
    expect(oidcOf(wrong)).toBeNull();
});
