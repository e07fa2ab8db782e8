/** What stands in the form of the logbook: kept in the tab, for its author, until it is sent. */

import type { Given } from "./attributes";

export interface Draft {
  readonly title: string;
  readonly logbook: number | null;
  /** The entry to append to; null: a new one. */
  readonly follows: number | null;
  readonly appending: boolean;
  readonly attributes: Given;
  readonly pictures: boolean;
}

export const TITLE = "Exported from Scanlog";
const DRAFT = "scanlog.elogy.draft.";
const LOGBOOK = "scanlog.elogy.logbook";
const EMPTY: Draft = {
  title: TITLE,
  logbook: null,
  follows: null,
  appending: false,
  attributes: {},
  pictures: false,
};

export function keptDraft(tab: Storage, browser: Storage, owner: string): Draft {
  return draftFrom(tab.getItem(DRAFT + owner)) ?? { ...EMPTY, logbook: numberFrom(browser.getItem(LOGBOOK)) };
}

export function keepDraft(tab: Storage, owner: string, draft: Draft): void {
  tab.setItem(DRAFT + owner, JSON.stringify(draft));
}

/** After it was sent: the next form begins anew, at the same logbook. */
export function draftSent(tab: Storage, browser: Storage, owner: string, logbook: number): void {
  tab.removeItem(DRAFT + owner);
  browser.setItem(LOGBOOK, String(logbook));
}

export function draftFrom(text: string | null): Draft | null {
  try {
    const { title, logbook, follows, appending, attributes, pictures } = JSON.parse(text ?? "null") ?? {};
    if (typeof title !== "string") return null;
    return {
      title,
      logbook: numberFrom(logbook),
      follows: numberFrom(follows),
      appending: appending === true,
      attributes: givenFrom(attributes),
      pictures: pictures === true,
    };
  } catch {
    return null;
  }
}

function numberFrom(value: unknown): number | null {
  const number = Number(value ?? Number.NaN);
  return Number.isInteger(number) && number > 0 ? number : null;
}

function givenFrom(value: unknown): Given {
  if (value === null || typeof value !== "object") return {};
  const entries = Object.entries(value).filter(
    ([, one]) =>
      typeof one === "string" || (Array.isArray(one) && one.every((text) => typeof text === "string")),
  );
  return Object.fromEntries(entries) as Given;
}
