/** How the page looks for this person in this browser: theme and height of the rows. */

import { useEffect, useState } from "react";

export type Theme = "automatic" | "light" | "dark";
export type Rows = "compact" | "comfortable";

export interface Look {
  readonly theme: Theme;
  readonly rows: Rows;
  readonly setTheme: (theme: Theme) => void;
  readonly setRows: (rows: Rows) => void;
}

/** Pixels. */
export const HEIGHT: Readonly<Record<Rows, number>> = { compact: 30, comfortable: 45 };

export function useLook(): Look {
  const [theme, setTheme] = useKept<Theme>("scanlog.theme", ["automatic", "light", "dark"], "automatic");
  const first = matchMedia("(pointer: coarse)").matches ? "comfortable" : "compact";
  const [rows, setRows] = useKept<Rows>("scanlog.rows", ["compact", "comfortable"], first);
  useEffect(() => {
    if (theme === "automatic") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  return { theme, rows, setTheme, setRows };
}

function useKept<Choice extends string>(key: string, choices: readonly Choice[], first: Choice) {
  const [value, setValue] = useState<Choice>(() => {
    const kept = localStorage.getItem(key);
    return choices.find((one) => one === kept) ?? first;
  });
  function set(next: Choice) {
    localStorage.setItem(key, next);
    setValue(next);
  }
  return [value, set] as const;
}
