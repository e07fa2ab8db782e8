import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { listen } from "./hints";

class Source {
  static readonly CLOSED = 2;
  static all: Source[] = [];
  readyState = 1;
  onmessage = () => {};
  onopen = () => {};
  onerror = () => {};
  constructor(readonly url: string) {
    Source.all.push(this);
  }
  close() {
    this.readyState = Source.CLOSED;
  }
}

const page = Object.assign(new EventTarget(), { hidden: false });

function hide(hidden: boolean) {
  page.hidden = hidden;
  page.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(() => {
  vi.useFakeTimers();
  Source.all = [];
  page.hidden = false;
  vi.stubGlobal("EventSource", Source);
  vi.stubGlobal("document", page);
  vi.stubGlobal("window", globalThis);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a hint is heard, and so is a connection that comes again", () => {
  const heard = vi.fn();
  const end = listen(heard);
  Source.all[0]?.onopen();
  Source.all[0]?.onmessage();
  expect(heard).toHaveBeenCalledTimes(2);
  end();
  expect(Source.all[0]?.readyState).toBe(Source.CLOSED);
});

test("a page that nobody sees holds no connection", () => {
  const end = listen(() => {});
  hide(true);
  expect(Source.all[0]?.readyState).toBe(Source.CLOSED);
  hide(false);
  expect(Source.all).toHaveLength(2);
  end();
  hide(true);
  hide(false);
  expect(Source.all).toHaveLength(2);
});

test("after a refusal it is asked again in a minute; a lost connection comes again by itself", () => {
  listen(() => {});
  Source.all[0]?.onerror();
  vi.advanceTimersByTime(120_000);
  expect(Source.all).toHaveLength(1);
  Source.all[0]?.close();
  Source.all[0]?.onerror();
  vi.advanceTimersByTime(61_000);
  expect(Source.all).toHaveLength(2);
});
