/** Views that have a name: kept in the browser and, where the user wants it, in SciCat's settings of the user. */

import { type Catalogue, fieldsOf, type Json } from "../catalogue/client";

export type NamedViews = Readonly<Record<string, string>>;

export interface Kept {
  readonly views: NamedViews;
  /** Whether SciCat keeps them too, so that they are there in every browser. */
  readonly inSciCat: boolean;
}

const LONGEST = 60;

export function keptFrom(text: string | null): Kept {
  try {
    const { views, inSciCat } = JSON.parse(text ?? "{}") as { views?: Json; inSciCat?: unknown };
    return { views: viewsFrom(views), inSciCat: inSciCat === true };
  } catch {
    return { views: {}, inSciCat: false };
  }
}

export function viewsFrom(given: Json | undefined): NamedViews {
  const entries = Object.entries(fieldsOf(given)).filter(
    ([name, query]) => name !== "" && typeof query === "string",
  );
  return Object.fromEntries(entries) as NamedViews;
}

export function nameFrom(text: string): string {
  return text.trim().replace(/\s+/g, " ").slice(0, LONGEST);
}

export function withView(views: NamedViews, name: string, query: string): NamedViews {
  return { ...views, [name]: query };
}

export function withoutView(views: NamedViews, name: string): NamedViews {
  const { [name]: _, ...others } = views;
  return others;
}

/** Return the views that SciCat keeps for the user. */
export async function fromSciCat(catalogue: Catalogue, user: string): Promise<NamedViews> {
  const { body } = await catalogue.ask(`/users/${encodeURIComponent(user)}/settings`);
  const external = fieldsOf(fieldsOf(body).externalSettings);
  return viewsFrom(fieldsOf(external.scanlog).views);
}

/** SciCat takes a dot in a name of the settings for a step inside, so ours is one name. */
export async function toSciCat(catalogue: Catalogue, user: string, views: NamedViews): Promise<void> {
  const path = `/users/${encodeURIComponent(user)}/settings/external`;
  await catalogue.ask(path, { method: "PATCH", body: { scanlog: { views } } });
}
