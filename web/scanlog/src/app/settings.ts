/** What the site says of itself, in settings.json beside the page. */

import { fieldsOf, type Json } from "../catalogue/client";
import { heard } from "../catalogue/clock";
import { type Oidc, oidcOf } from "../login/oidc";

export interface Settings {
  readonly title: string;
  /** Null: that of the browser. */
  readonly timeZone: string | null;
  /** Where SciCat's own pages are; null: no links to them. */
  readonly scicatPages: string | null;
  readonly elogy: boolean;
  /** Where the logbook's own pages are; null: no links to them. */
  readonly elogyPages: string | null;
  /** Whether new scans are told at once. */
  readonly hints: boolean;
  /** Null: no log-in but SciCat's own. */
  readonly oidc: Oidc | null;
}

export async function loadSettings(): Promise<Settings> {
  const response = await fetch("settings.json", { cache: "no-cache", credentials: "omit" });
  heard(response);
  if (!response.ok) throw new Error(`settings.json: the server answers ${response.status}`);
  return settingsOf((await response.json()) as Json);
}

export function settingsOf(given: Json): Settings {
  const { title, time_zone: zone, scicat_pages, elogy, elogy_pages, hints, oidc } = fieldsOf(given);
  return {
    title: typeof title === "string" && title !== "" ? title : "Scanlog",
    timeZone: typeof zone === "string" && isZone(zone) ? zone : null,
    scicatPages: addressOf(scicat_pages),
    elogy: elogy !== undefined && elogy !== null && elogy !== false,
    elogyPages: addressOf(elogy_pages),
    hints: hints === true,
    oidc: oidcOf(oidc),
  };
}

function addressOf(given: Json | undefined): string | null {
  return typeof given === "string" && /^https?:\/\//.test(given) ? given.replace(/\/+$/, "") : null;
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
