import type { Session } from "../login/session";
import type { Look, Rows, Theme } from "./look";

interface Props {
  readonly title: string;
  readonly session: Session | null;
  readonly look: Look;
  readonly onLeave: (session: Session) => void;
  readonly onEnter: () => void;
}

export function Header({ title, session, look, onLeave, onEnter }: Props) {
  const guest = session?.token === null;
  return (
    <header className="top">
      <h1>{title}</h1>
      <label>
        Theme{" "}
        <select value={look.theme} onChange={(event) => look.setTheme(event.target.value as Theme)}>
          <option value="automatic">automatic</option>
          <option value="light">light</option>
          <option value="dark">dark</option>
        </select>
      </label>
      <label>
        Rows{" "}
        <select value={look.rows} onChange={(event) => look.setRows(event.target.value as Rows)}>
          <option value="compact">compact</option>
          <option value="comfortable">comfortable</option>
        </select>
      </label>
      {session !== null && (
        <span className="who">
          <bdi>{guest ? "public data" : session.username}</bdi>
          <button type="button" onClick={guest ? onEnter : () => onLeave(session)}>
            {guest ? "Log in" : "Log out"}
          </button>
        </span>
      )}
    </header>
  );
}
