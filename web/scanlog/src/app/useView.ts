/** The view of this tab and the opened scan: in the address, and the view, for the next visit, in the browser. */

import { useCallback, useEffect, useRef, useState } from "react";
import { addressOf, linkOf, namesView, type Place, placeOf, sameButWidths } from "../view/address";
import type { View } from "../view/view";

const LAST = "scanlog.view";

export interface Shown extends Place {
  readonly show: (view: View) => void;
  readonly open: (pid: string | null) => void;
}

export function useView(): Shown {
  const [place, setPlace] = useState<Place>(first);
  const before = useRef(place);
  useEffect(() => {
    localStorage.setItem(LAST, addressOf(place.view));
    const step = !sameButWidths(before.current, place);
    before.current = place;
    const address = `${location.pathname}?${linkOf(place)}`;
    if (address === `${location.pathname}${location.search}`) return;
    if (step) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  }, [place]);
  useEffect(() => {
    const followed = () => {
      // Where back and forward have led is no new step.
      before.current = placeOf(location.search);
      setPlace(before.current);
    };
    addEventListener("popstate", followed);
    return () => removeEventListener("popstate", followed);
  }, []);
  const show = useCallback((view: View) => setPlace(({ opened }) => ({ view, opened })), []);
  const open = useCallback((opened: string | null) => setPlace(({ view }) => ({ view, opened })), []);
  return { ...place, show, open };
}

function first(): Place {
  return placeOf(namesView(location.search) ? location.search : (localStorage.getItem(LAST) ?? ""));
}
