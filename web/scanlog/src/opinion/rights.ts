/** Who may rate, comment and attach: SciCat lets the owner group do it, and of it those who may create datasets. */

import { type Catalogue, fieldsOf } from "../catalogue/client";
import type { Session } from "../login/session";

/** Return why this person may not write; empty: it may. `mayCreate`: as SciCat says; null: not known yet. */
export function whyNot(session: Session, ownerGroup: string, mayCreate: boolean | null): string {
  if (session.token === null) return "Log in to rate, comment and add pictures.";
  if (!session.groups.includes(ownerGroup))
    return `Only the group ${ownerGroup} may rate, comment and add pictures; you are not in it.`;
  if (mayCreate === false)
    return "Your account may not change datasets at this SciCat; its administrators set that (CREATE_DATASET_GROUPS).";
  return "";
}

export async function mayCreateDatasets(catalogue: Catalogue, user: string): Promise<boolean> {
  const { body } = await catalogue.ask(`/users/${encodeURIComponent(user)}/authorization/dataset/create`);
  return fieldsOf(body).authorization === true;
}
