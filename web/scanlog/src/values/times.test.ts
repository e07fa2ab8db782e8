import { expect, test } from "vitest";
import { ago, Clock, duration, utc } from "./times";

const STOCKHOLM = new Clock("Europe/Stockholm");

test("times are those of the facility, with 24 hours", () => {
  expect(STOCKHOLM.shown("2026-03-01T08:30:00.125Z")).toBe("2026-03-01 09:30:00");
  expect(STOCKHOLM.shown("2026-07-01T22:30:00Z")).toBe("2026-07-02 00:30:00");
  expect(utc("2026-03-01T08:30:00.125Z")).toBe("2026-03-01 08:30:00.125 UTC");
});

test("what is no time stands as it is", () => {
  expect(STOCKHOLM.shown("soon")).toBe("soon");
  expect(utc("soon")).toBe("soon");
});

test.each([
  "2026-03-01T08:30:00.000Z",
  "2026-07-01T22:30:00.000Z",
  "2026-03-29T00:59:00.000Z",
  "2026-03-29T01:01:00.000Z",
])("a date field gives back the time %s", (text) =>
  expect(STOCKHOLM.fromLocal(STOCKHOLM.local(text))).toBe(text),
);

test("an empty date field is no time", () => expect(STOCKHOLM.fromLocal("")).toBe(""));

test("ages and durations are in words", () => {
  expect(ago(1400)).toBe("1 s ago");
  expect(ago(-5000)).toBe("0 s ago");
  expect(ago(3_600_000)).toBe("1 h ago");
  expect(ago(200_000_000)).toBe("2 d ago");
  expect(duration(1.019)).toBe("1 s");
  expect(duration(65)).toBe("1 min 5 s");
  expect(duration(7260)).toBe("2 h 1 min");
  expect(duration(Number.NaN)).toBe("");
});
