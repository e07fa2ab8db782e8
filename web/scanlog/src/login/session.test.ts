import { afterEach, expect, test, vi } from "vitest";
import { logIn, remember, remembered, type Session } from "./session";
import { storage } from "./storage.testing";

afterEach(() => vi.unstubAllGlobals());

const SESSION: Session = { token: "t", username: "ada", userId: "1", groups: ["g"], ends: 5 };

test("a session is kept and forgotten", () => {
  const kept = storage();
  remember(kept, SESSION);
  expect(remembered(kept)).toEqual(SESSION);
  remember(kept, null);
  expect(remembered(kept)).toBeNull();
});

test.each([
  "{",
  "5",
  '{"token": 5}',
  '{"token": "t", "username": "a", "userId": "1", "groups": [1], "ends": null}',
])("%s is no session", (text) => {
  const kept = storage();
  kept.setItem("scanlog.session", text);
  expect(remembered(kept)).toBeNull();
});

function answering(answers: Record<string, [number, unknown]>) {
  vi.stubGlobal("fetch", async (address: string) => {
    const [status, body] = answers[address] ?? [404, {}];
    return new Response(body === "" ? "" : JSON.stringify(body), { status });
  });
}

test("a log-in asks for a token, and whose it is", async () => {
  answering({
    "api/v3/auth/login": [201, { access_token: "t", expires_in: 60 }],
    "api/v3/auth/whoami": [200, { _id: "1", username: "ada", currentGroups: ["g"] }],
  });
  const session = await logIn("ada", "word");
  expect(session).toMatchObject({ token: "t", username: "ada", userId: "1", groups: ["g"] });
  expect(session.ends).toBeGreaterThan(Date.now() + 50_000);
});

test("a wrong password is told in words", async () => {
  answering({ "api/v3/auth/login": [401, { message: "Unauthorized" }] });
  await expect(logIn("ada", "wrong")).rejects.toThrow("The user name or the password is wrong.");
});

test("a dead token is seen, though SciCat answers without an error", async () => {
  answering({ "api/v3/auth/login": [201, { access_token: "t" }], "api/v3/auth/whoami": [200, ""] });
  await expect(logIn("ada", "word")).rejects.toMatchObject({ trouble: "login" });
});
