import { type FormEvent, useState } from "react";
import { Dialog } from "../app/Dialog";
import { type Catalogue, wordsOf } from "../catalogue/client";
import { addressOf, viewOf } from "./address";
import { fromSciCat, type Kept, keptFrom, nameFrom, toSciCat, withoutView, withView } from "./named";
import { DEFAULT_VIEW, type View } from "./view";

interface Props {
  readonly view: View;
  readonly owner: string;
  readonly catalogue: Catalogue;
  readonly onView: (view: View) => void;
}

/** Views by name: chosen, kept, removed; the link to what is shown. */
export function Views({ view, owner, catalogue, onView }: Props) {
  const key = `scanlog.views.${owner}`;
  const [kept, setKept] = useState<Kept>(() => keptFrom(localStorage.getItem(key)));
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState("");

  async function keep(next: Kept) {
    setKept(next);
    localStorage.setItem(key, JSON.stringify(next));
    if (!next.inSciCat) return;
    try {
      await toSciCat(catalogue, owner, next.views);
      setSaid("SciCat keeps them, too.");
    } catch (error) {
      setSaid(`Kept in this browser only: ${wordsOf(error)}`);
    }
  }

  async function inSciCat(wanted: boolean) {
    if (!wanted) return keep({ ...kept, inSciCat: false });
    setKept({ ...kept, inSciCat: true });
    try {
      const theirs = await fromSciCat(catalogue, owner);
      await keep({ views: { ...theirs, ...kept.views }, inSciCat: true });
    } catch (error) {
      setKept({ ...kept, inSciCat: false });
      setSaid(`SciCat cannot keep them: ${wordsOf(error)}`);
    }
  }

  function named(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const name = nameFrom(String(new FormData(form).get("name")));
    if (name === "") return;
    void keep({ ...kept, views: withView(kept.views, name, addressOf(view)) });
    form.reset();
  }

  async function copy() {
    try {
      await navigator.clipboard.writeText(location.href);
      setSaid("The link to this view is copied.");
    } catch {
      setSaid(location.href);
    }
  }

  const names = Object.keys(kept.views).sort((one, other) => one.localeCompare(other));
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Views
      </button>
      {open && (
        <Dialog title="Views" onClose={() => setOpen(false)}>
          <ul className="views">
            <li>
              <button type="button" onClick={() => onView(DEFAULT_VIEW)}>
                As at the beginning
              </button>
            </li>
            {names.map((name) => (
              <li key={name} className="row">
                <button type="button" onClick={() => onView(viewOf(kept.views[name] ?? ""))}>
                  <bdi>{name}</bdi>
                </button>
                <button
                  type="button"
                  aria-label={`Remove the view ${name}`}
                  onClick={() => void keep({ ...kept, views: withoutView(kept.views, name) })}
                >
                  ×
                </button>
              </li>
            ))}
          </ul>
          <form className="row" onSubmit={named}>
            <label>
              Name <input name="name" maxLength={60} required />
            </label>
            <button type="submit">Keep this view</button>
          </form>
          {!catalogue.anonymous && (
            <label>
              <input
                type="checkbox"
                checked={kept.inSciCat}
                onChange={(event) => void inSciCat(event.target.checked)}
              />{" "}
              Keep them in SciCat, too, for every browser
            </label>
          )}
          <div className="row">
            <button type="button" onClick={() => void copy()}>
              Copy the link to this view
            </button>
          </div>
          <p role="status">{said}</p>
        </Dialog>
      )}
    </>
  );
}
