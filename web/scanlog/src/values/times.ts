/** Times: in the facility's zone, 24 hours, with UTC beside them. */

export class Clock {
  readonly zone: string;
  readonly #format: Intl.DateTimeFormat;

  constructor(zone: string | null) {
    const base = new Intl.DateTimeFormat("en-GB", {
      ...(zone === null ? {} : { timeZone: zone }),
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    });
    this.#format = base;
    this.zone = base.resolvedOptions().timeZone;
  }

  /** Return such as `2026-03-01 09:30:00`; what is no time stands as it is. */
  shown(text: string): string {
    const moment = Date.parse(text);
    if (Number.isNaN(moment)) return text.slice(0, 40);
    const parts = Object.fromEntries(this.#format.formatToParts(moment).map((one) => [one.type, one.value]));
    return `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}:${parts.second}`;
  }

  /** Return a time as a date field has it, such as `2026-03-01T09:30`. */
  local(text: string): string {
    return this.shown(text).replace(" ", "T").slice(0, 16);
  }

  /** Return the ISO time of what stands in a date field; nothing for none. */
  fromLocal(text: string): string {
    const asUtc = Date.parse(`${text}Z`);
    if (Number.isNaN(asUtc)) return "";
    // The zone's distance from UTC at that moment; once more, for it may change between the two.
    let moment = asUtc;
    for (let round = 0; round < 2; round++) {
      const shown = Date.parse(`${this.shown(new Date(moment).toISOString()).replace(" ", "T")}Z`);
      moment += asUtc - shown;
    }
    return new Date(moment).toISOString();
  }
}

/** Return such as `2026-03-01 08:30:00.125 UTC`. */
export function utc(text: string): string {
  const moment = Date.parse(text);
  return Number.isNaN(moment)
    ? text.slice(0, 40)
    : `${new Date(moment).toISOString().replace("T", " ").slice(0, 23)} UTC`;
}

/** How long ago, in words that do not jump every second. */
export function ago(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** How long something took, such as `1 min 5 s`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "";
  if (seconds < 60) return `${Number(seconds.toPrecision(seconds < 10 ? 2 : 3))} s`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${rest} s`;
}
