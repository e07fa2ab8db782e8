import type { Clock } from "../values/times";
import { Dialog } from "./Dialog";

const KEYS: readonly (readonly [string, string])[] = [
  ["↑ ↓ ← →", "move in the table"],
  ["Page ↑, Page ↓, Home, End", "move by pages, to the first and the last row"],
  ["Space", "select the scan, or no longer"],
  ["Shift with ↑ ↓, Page ↑ ↓, Home, End", "select from here to there"],
  ["Ctrl a", "select all that are shown"],
  ["Enter", "show all of the scan"],
  ["c", "comment the scan"],
  ["0 to 6", "rate it: none, half a star, … three stars"],
  ["/", "search"],
  ["Escape", "close what is open; else select none"],
  ["?", "this help"],
];

export function Help({ clock, onClose }: { readonly clock: Clock; readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p>All times are those of {clock.zone}; the time in UTC is beside each in the scan's details.</p>
    </Dialog>
  );
}
