/** The server's clock, as its answers tell it: the browser's may be wrong by hours. */

interface Told {
  readonly headers: { get(name: string): string | null };
}

let ahead = 0;

/** HTTP tells whole seconds: the middle of the second is the best guess. Null: the answer does not tell. */
export function clockOf(answer: Told, now: number): number | null {
  const told = Date.parse(answer.headers.get("Date") ?? "");
  return Number.isNaN(told) ? null : told + 500 - now;
}

export function heard(answer: Told): void {
  ahead = clockOf(answer, Date.now()) ?? ahead;
}

/** In milliseconds, by the last answer that told it. */
export function serverNow(): number {
  return Date.now() + ahead;
}
