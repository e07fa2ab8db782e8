import { type FormEvent, useState } from "react";
import { wordsOf } from "../catalogue/client";
import { departure, type Oidc } from "./oidc";
import { GUEST, logIn, type Session } from "./session";

interface Props {
  /** Why the log-in is asked for, such as one that has ended; empty at the beginning. */
  readonly reason: string;
  readonly username: string;
  readonly oidc: Oidc | null;
  readonly onSession: (session: Session) => void;
}

/** The log-in by an issuer such as Keycloak, with SciCat's own accounts, or as nobody. */
export function LogIn({ reason, username, oidc, onSession }: Props) {
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    setBusy(true);
    setTrouble("");
    try {
      onSession(await logIn(String(given.get("username")), String(given.get("password"))));
    } catch (error) {
      setTrouble(wordsOf(error));
    } finally {
      setBusy(false);
    }
  }

  function leave(to: Oidc) {
    const mark = crypto.getRandomValues(new Uint32Array(4)).join("-");
    location.assign(departure(to, location.pathname, location.search, mark, sessionStorage));
  }

  return (
    <form className="login" aria-labelledby="login-title" onSubmit={submit}>
      <h2 id="login-title">Log in</h2>
      {reason !== "" && <p role="status">{reason}</p>}
      {oidc !== null && (
        <button type="button" className="main" onClick={() => leave(oidc)}>
          Log in with {oidc.name}
        </button>
      )}
      <label>
        User name
        <input name="username" autoComplete="username" required defaultValue={username} />
      </label>
      <label>
        Password
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
      {trouble !== "" && (
        <p role="alert" className="trouble">
          {trouble}
        </p>
      )}
      <div className="row">
        <button type="submit" className={oidc === null ? "main" : ""} disabled={busy}>
          {busy ? "Logging in …" : "Log in"}
        </button>
        <button type="button" onClick={() => onSession(GUEST)}>
          Public data, without log-in
        </button>
      </div>
    </form>
  );
}
