/** How often SciCat is asked: every 2 s, ever more slowly while it is away, not at all while nobody looks. */

export const EVERY = 2_000;
/** Hints that come together, as those of a scan of some messages, ask for one look. */
export const TOGETHER = 100;
const SLOWEST = 30_000;

/** Return the pause before the next look, in milliseconds, after so many that failed. `chance`: 0 to 1. */
export function pause(failures: number, chance: number): number {
  if (failures === 0) return EVERY;
  // Each page at its own moment: else all would come at once when SciCat is back.
  return Math.min(SLOWEST, EVERY * 2 ** failures) * (0.75 + chance / 2);
}
