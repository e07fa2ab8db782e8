/** Who is logged in: kept for this tab alone, in sessionStorage, and gone with it. */

import { Catalogue, CatalogueError, fieldsOf, type Json } from "../catalogue/client";

export interface Session {
  /** Null: nobody; what is public is shown. */
  readonly token: string | null;
  readonly username: string;
  readonly userId: string;
  readonly groups: readonly string[];
  /** When the log-in ends, by the browser's clock; null: it does not. */
  readonly ends: number | null;
}

export const GUEST: Session = { token: null, username: "", userId: "", groups: [], ends: null };
/** What one log-in read is not another's: it stands in the key of each answer that is kept. */
export function markOf(session: Session): string {
  return `${session.userId} ${session.ends}`;
}

const KEY = "scanlog.session";

export function remembered(storage: Storage): Session | null {
  try {
    return sessionOf(JSON.parse(storage.getItem(KEY) ?? "null"));
  } catch {
    return null;
  }
}

export function remember(storage: Storage, session: Session | null): void {
  if (session === null) storage.removeItem(KEY);
  else storage.setItem(KEY, JSON.stringify(session));
}

function sessionOf(kept: unknown): Session | null {
  if (kept === null || typeof kept !== "object") return null;
  const { token, username, userId, groups, ends } = kept as Record<string, unknown>;
  const right =
    (token === null || typeof token === "string") &&
    typeof username === "string" &&
    typeof userId === "string" &&
    Array.isArray(groups) &&
    groups.every((one) => typeof one === "string") &&
    (ends === null || typeof ends === "number");
  return right ? { token, username, userId, groups, ends } : null;
}

/** Log in with SciCat's own user name and password. */
export async function logIn(username: string, password: string): Promise<Session> {
  const { body } = await new Catalogue(null)
    .ask("/auth/login", { method: "POST", body: { username, password } })
    .catch((error: unknown) => {
      if (error instanceof CatalogueError && error.trouble === "login")
        throw new CatalogueError("login", "The user name or the password is wrong.");
      throw error;
    });
  const { access_token: token, expires_in: seconds } = fieldsOf(body);
  if (typeof token !== "string") throw new CatalogueError("server", "SciCat gave no token");
  return withToken(token, typeof seconds === "number" ? Date.now() + 1000 * seconds : null);
}

/** End a log-in at SciCat too; return where the issuer's own log-in is ended, empty: nowhere. */
export async function logOut(session: Session): Promise<string> {
  if (session.token === null) return "";
  const { body } = await new Catalogue(session.token).ask("/auth/logout", { method: "POST" });
  const { logoutURL: address } = fieldsOf(body);
  return typeof address === "string" && /^https?:\/\//.test(address) ? address : "";
}

/** Ask SciCat whose token it is. */
export async function withToken(token: string, ends: number | null): Promise<Session> {
  const who = await whoami(new Catalogue(token));
  if (who === null) throw new CatalogueError("login", "The log-in has ended.");
  return { token, ends, ...who };
}

/** Return who asks; null when the token is dead: SciCat then answers with nothing, not with an error. */
export async function whoami(catalogue: Catalogue): Promise<Omit<Session, "token" | "ends"> | null> {
  const { body } = await catalogue.ask("/auth/whoami");
  const { _id: userId, username, currentGroups } = fieldsOf(body);
  if (typeof username !== "string" || typeof userId !== "string") return null;
  return { username, userId, groups: texts(currentGroups) };
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
