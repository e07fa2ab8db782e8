/** Half stars from none to three. */

export const RATINGS = [0, 0.5, 1, 1.5, 2, 2.5, 3] as const;

export function stars(rating: number): string {
  const whole = Math.floor(rating);
  return `${"★".repeat(whole)}${rating - whole >= 0.5 ? "½" : ""}` || "none";
}

/** The rating of a key: `0` takes it away, `1` is half a star, `6` are three. */
export function ratingOf(key: string): number | null | undefined {
  if (!/^[0-6]$/.test(key)) return undefined;
  return key === "0" ? null : Number(key) / 2;
}
