import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { Catalogue, ENDED, wordsOf } from "../catalogue/client";
import { LogIn } from "../login/LogIn";
import { type Arrival, endOf } from "../login/oidc";
import { logOut, remember, remembered, type Session, withToken } from "../login/session";
import { Clock } from "../values/times";
import { Header } from "./Header";
import { LogPage } from "./LogPage";
import { useLook } from "./look";
import { loadSettings } from "./settings";

const NOT_BEGUN = "This log-in was not begun in this tab, and is not used; log in here.";

/** The whole page: who is logged in, and then the table. */
export function App({ arrived }: { readonly arrived: Arrival | null }) {
  const look = useLook();
  const [session, setSession] = useState<Session | null>(() => remembered(sessionStorage));
  const [ended, setEnded] = useState(session === null && arrived?.token === null ? NOT_BEGUN : "");
  const [arriving, setArriving] = useState(arrived?.token ?? null);
  const settings = useQuery({ queryKey: ["settings"], queryFn: loadSettings, staleTime: Infinity });
  const catalogue = useMemo(
    () =>
      new Catalogue(session?.token ?? null, () => {
        // An answer to the log-in before this one may come late.
        if (remembered(sessionStorage)?.token === session?.token) setEnded(ENDED);
      }),
    [session?.token],
  );
  const clock = useMemo(() => new Clock(settings.data?.timeZone ?? null), [settings.data?.timeZone]);
  const title = settings.data?.title ?? "Scanlog";

  useEffect(() => {
    document.title = title;
  }, [title]);

  const enter = useCallback((next: Session | null) => {
    remember(sessionStorage, next);
    setSession(next);
    setEnded("");
  }, []);

  useEffect(() => {
    if (arriving === null) return;
    withToken(arriving, endOf(arriving))
      .then(enter, (error: unknown) => setEnded(wordsOf(error)))
      .finally(() => setArriving(null));
  }, [arriving, enter]);

  function leave(left: Session) {
    enter(null);
    // Else the next person at this computer would be logged in again without being asked.
    logOut(left).then(
      (address) => address !== "" && location.assign(address),
      () => undefined, // SciCat is away, or the token is dead already: here it is forgotten
    );
  }

  if (arriving !== null) return <p className="wait">Logging in …</p>;
  if (settings.isPending) return <p className="wait">Loading …</p>;
  if (settings.data === undefined) {
    return (
      <main className="wait">
        <p role="alert">The page's settings cannot be read: {settings.error.message}</p>
        <button type="button" onClick={() => settings.refetch()}>
          Try again
        </button>
      </main>
    );
  }
  const asked = session === null || ended !== "";
  const form = (
    <LogIn
      reason={ended.trim()}
      username={session?.username ?? ""}
      oidc={settings.data.oidc}
      onSession={enter}
      key={ended}
    />
  );
  return (
    <>
      <Header title={title} session={session} look={look} onLeave={leave} onEnter={() => setEnded(" ")} />
      {asked &&
        // While scans are shown, they are the page's main part.
        (session === null ? <main>{form}</main> : form)}
      {session !== null && (
        <LogPage
          key={session.userId}
          catalogue={catalogue}
          session={session}
          settings={settings.data}
          clock={clock}
          look={look}
          onEnded={setEnded}
        />
      )}
    </>
  );
}
