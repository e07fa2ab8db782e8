import { afterEach, expect, test, vi } from "vitest";
import { clockOf, heard, serverNow } from "./clock";

afterEach(() => vi.useRealTimers());

const headers = { get: () => "Sun, 01 Mar 2026 09:30:00 GMT" };
const silent = { headers: { get: () => null } };

test("the server's clock is told by its answers", () => {
  expect(clockOf({ headers }, Date.parse("2026-03-01T06:30:00Z"))).toBe(3 * 3_600_000 + 500);
  expect(clockOf(silent, 0)).toBeNull();
});

test("it goes on between answers, and an answer that does not tell it changes nothing", () => {
  vi.useFakeTimers({ now: Date.parse("2031-05-05T05:05:05Z") });
  heard({ headers });
  vi.advanceTimersByTime(10_000);
  heard(silent);
  expect(new Date(serverNow()).toISOString()).toBe("2026-03-01T09:30:10.500Z");
});
