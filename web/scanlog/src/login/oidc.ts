/** Log-in by an issuer such as Keycloak, through SciCat: the browser leaves the page, and comes back with a token. */

import type { Fields, Json } from "../catalogue/client";

export interface Oidc {
  /** Where a browser reaches SciCat: it keeps the log-in's state in a cookie of its own address. */
  readonly scicat: string;
  /** The page's name at SciCat. */
  readonly client: string;
  /** What stands on the button. */
  readonly name: string;
}

/** What a browser comes back with: a token, and the view that it left. */
export interface Arrival {
  /** Null: it is not taken, for it was not begun in this tab. */
  readonly token: string | null;
  /** The query of the address that was left, with its `?`. */
  readonly query: string;
}

const BEGUN = "scanlog.oidc";

export function oidcOf(given: Json | undefined): Oidc | null {
  if (given === null || typeof given !== "object" || Array.isArray(given)) return null;
  const { scicat, client, name } = given as Fields;
  if (typeof scicat !== "string" || !/^https?:\/\//.test(scicat)) return null;
  return {
    scicat: scicat.replace(/\/+$/, ""),
    client: typeof client === "string" ? client : "scanlog",
    name: typeof name === "string" ? name : "Keycloak",
  };
}

/** Return where the browser goes; `mark` is kept in this tab, and comes back with the token. */
export function departure(oidc: Oidc, path: string, query: string, mark: string, storage: Storage): string {
  storage.setItem(BEGUN, mark);
  const asked = new URLSearchParams({ client: oidc.client, returnUrl: `${path}${query}#${mark}` });
  return `${oidc.scicat}/api/v3/auth/oidc?${asked}`;
}

/** Return what the query of an address brings; null when it is no return from a log-in. */
export function arrival(query: string, storage: Storage): Arrival | null {
  const given = new URLSearchParams(query);
  const token = given.get("access-token");
  if (token === null) return null;
  const begun = storage.getItem(BEGUN);
  storage.removeItem(BEGUN);
  const back = relative(given.get("returnUrl") ?? "");
  // Else any link could log its reader in as somebody else, under whose name the comments would be kept.
  const ours = begun !== null && begun !== "" && back?.hash === `#${begun}`;
  return { token: ours ? token : null, query: back?.search ?? "" };
}

/** Return an address of this server; null for one that leads anywhere else. */
export function relative(address: string): URL | null {
  const here = "http://here.invalid";
  if (!/^\/(?![/\\])/.test(address) || !URL.canParse(address, here)) return null;
  const found = new URL(address, here);
  return found.origin === here ? found : null;
}

/** When a token ends, where it says so itself, as SciCat's do; null: it does not say. */
export function endOf(token: string): number | null {
  try {
    const body = token.split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/") ?? "";
    const { exp } = JSON.parse(atob(body)) as { exp?: unknown };
    return typeof exp === "number" ? 1000 * exp : null;
  } catch {
    return null;
  }
}
