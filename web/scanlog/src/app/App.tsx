import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { Catalogue } from "../catalogue/client";
import { LogIn } from "../login/LogIn";
import { remember, remembered, type Session } from "../login/session";
import { Clock } from "../values/times";
import { Header } from "./Header";
import { LogPage } from "./LogPage";
import { useLook } from "./look";
import { loadSettings } from "./settings";

/** The whole page: who is logged in, and then the table. */
export function App() {
  const look = useLook();
  const [session, setSession] = useState<Session | null>(() => remembered(sessionStorage));
  const [ended, setEnded] = useState("");
  const settings = useQuery({ queryKey: ["settings"], queryFn: loadSettings, staleTime: Infinity });
  const catalogue = useMemo(() => new Catalogue(session?.token ?? null), [session?.token]);
  const clock = useMemo(() => new Clock(settings.data?.timeZone ?? null), [settings.data?.timeZone]);
  const title = settings.data?.title ?? "Scanlog";

  useEffect(() => {
    document.title = title;
  }, [title]);

  function enter(next: Session | null) {
    remember(sessionStorage, next);
    setSession(next);
    setEnded("");
  }

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
    <LogIn reason={ended.trim()} username={session?.username ?? ""} onSession={enter} key={ended} />
  );
  return (
    <>
      <Header
        title={title}
        session={session}
        look={look}
        onLeave={() => enter(null)}
        onEnter={() => setEnded(" ")}
      />
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
