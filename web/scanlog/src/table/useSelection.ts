/** The selection of this tab and person: it is there again after a reload. */

import { useCallback, useState } from "react";
import { NONE, type Selection, selectionFrom, textOf } from "./selection";

export function useSelection(owner: string): readonly [Selection, (next: Selection) => void] {
  const key = `scanlog.selection.${owner}`;
  const [selection, setSelection] = useState<Selection>(() => selectionFrom(sessionStorage.getItem(key)));
  const select = useCallback(
    (next: Selection) => {
      const kept = next.pids.size === 0 ? NONE : next;
      if (kept === NONE) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, textOf(kept));
      setSelection(kept);
    },
    [key],
  );
  return [selection, select];
}
