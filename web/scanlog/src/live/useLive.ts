/** Looks for changes while the page is seen, and keeps what it found beside the pages of rows. */

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type Catalogue, CatalogueError, wordsOf } from "../catalogue/client";
import { serverNow } from "../catalogue/clock";
import { pathOfFilter, rowsOf } from "../catalogue/query";
import type { Row } from "../columns/columns";
import { whoami } from "../login/session";
import type { View } from "../view/view";
import { admitted, begin, changesFilter, type Live, latest, MOST, withChanges, withLive } from "./changes";
import { listen } from "./hints";
import { pause, TOGETHER } from "./pace";

export interface Connection {
  /** When SciCat answered last, by the browser's clock; null: not yet. */
  readonly answered: number | null;
  /** Why it does not; empty: it does. */
  readonly trouble: string;
  /** When it is asked again, by the browser's clock. */
  readonly next: number;
  readonly now: () => void;
}

export interface LiveRows {
  readonly rows: readonly Row[];
  readonly waiting: number;
  readonly admit: () => void;
  readonly connection: Connection;
}

interface Asked {
  readonly catalogue: Catalogue;
  readonly view: View;
  readonly pages: readonly Row[];
  /** Whether the pages are those of this view. */
  readonly ready: boolean;
  readonly onEnded: () => void;
  /** Whether the site tells of new scans at once. */
  readonly hints: boolean;
}

/** How often SciCat is asked whether the token still counts, first at once: its lists of a dead one are only shorter. */
const TOKEN_EVERY = 60_000;

export function useLive({ catalogue, view, pages, ready, onEnded, hints }: Asked): LiveRows {
  const [live, setLive] = useState<Live | null>(null);
  const [answered, setAnswered] = useState<number | null>(null);
  const [trouble, setTrouble] = useState("");
  const [next, setNext] = useState(0);
  const [round, setRound] = useState(0);
  const state = useRef({ live, pages, onEnded, failures: 0, whoami: 0, hint: () => {} });
  state.current.pages = pages;
  state.current.onEnded = onEnded;

  const keep = useCallback((to: Live | null) => {
    state.current.live = to;
    setLive(to);
  }, []);

  const key = useMemo(
    () => JSON.stringify([view.columns, view.sort, view.period, view.proposal, view.text, view.conditions]),
    [view],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: another view is another list, which begins anew
  useEffect(() => keep(null), [key, catalogue, keep]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the view; a new round looks at once
  useEffect(() => {
    if (!ready) return;
    const ending = new AbortController();
    let timer = 0;
    let looking = false;
    let hinted = false;

    async function look(): Promise<number> {
      const { pages: rows } = state.current;
      const before = state.current.live ?? begin(rows, serverNow());
      const filter = changesFilter(view, before.seen, newestOf(rows), serverNow());
      const { body } = await catalogue.ask(pathOfFilter(filter), { signal: ending.signal });
      const found = rowsOf(body);
      const known = new Set(state.current.pages.map((one) => one.pid));
      keep(withChanges(before, found, known));
      if (!catalogue.anonymous && Date.now() - state.current.whoami > TOKEN_EVERY) {
        if ((await whoami(catalogue)) === null) state.current.onEnded();
        state.current.whoami = Date.now();
      }
      return found.length >= MOST ? 0 : pause(0, 0);
    }

    async function again() {
      if (document.hidden || ending.signal.aborted) return;
      let wait: number;
      looking = true;
      hinted = false;
      try {
        wait = await look();
        state.current.failures = 0;
        setAnswered(Date.now());
        setTrouble("");
      } catch (error) {
        if (ending.signal.aborted) return;
        state.current.failures += 1;
        wait = pause(state.current.failures, Math.random());
        setTrouble(wordsOf(error));
        if (error instanceof CatalogueError && error.trouble === "login") state.current.onEnded();
      }
      looking = false;
      if (ending.signal.aborted) return;
      if (hinted) wait = Math.min(wait, TOGETHER);
      setNext(Date.now() + wait);
      timer = window.setTimeout(() => void again(), wait);
    }

    // The first of some hints decides when is looked; one that comes during a look asks for another.
    const hint = () => {
      if (!looking && !hinted) {
        window.clearTimeout(timer);
        timer = window.setTimeout(() => void again(), TOGETHER);
      }
      hinted = true;
    };
    state.current.hint = hint;
    const seen = () => {
      window.clearTimeout(timer);
      if (!document.hidden) void again();
    };
    document.addEventListener("visibilitychange", seen);
    window.addEventListener("online", seen);
    void again();
    return () => {
      ending.abort();
      window.clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
      window.removeEventListener("online", seen);
    };
  }, [catalogue, key, ready, round, keep]);

  useEffect(() => (hints ? listen(() => state.current.hint()) : undefined), [hints]);

  const rows = useMemo(() => (live === null ? pages : withLive(pages, live)), [pages, live]);
  const admit = useCallback(() => {
    if (state.current.live !== null) keep(admitted(state.current.live));
  }, [keep]);
  const now = useCallback(() => setRound((before) => before + 1), []);
  return { rows, waiting: live?.waiting.length ?? 0, admit, connection: { answered, trouble, next, now } };
}

function newestOf(rows: readonly Row[]): string {
  return latest(rows.map((one) => String(one.fields.creationTime ?? "")));
}
