/** The view of this tab: in the address, and, for the next visit, in the browser. */

import { useCallback, useEffect, useState } from "react";
import { addressOf, namesView, viewOf } from "../view/address";
import type { View } from "../view/view";

const LAST = "scanlog.view";

export function useView(): readonly [View, (next: View) => void] {
  const [view, setView] = useState<View>(() =>
    viewOf(namesView(location.search) ? location.search : (localStorage.getItem(LAST) ?? "")),
  );
  useEffect(() => {
    const query = addressOf(view);
    localStorage.setItem(LAST, query);
    const address = `${location.pathname}${query === "" ? "" : `?${query}`}`;
    if (address !== `${location.pathname}${location.search}`) history.replaceState(null, "", address);
  }, [view]);
  useEffect(() => {
    const followed = () => setView(viewOf(location.search));
    addEventListener("popstate", followed);
    return () => removeEventListener("popstate", followed);
  }, []);
  const show = useCallback((next: View) => setView(next), []);
  return [view, show];
}
