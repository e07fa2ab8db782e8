import { useEffect, useState } from "react";
import { ago } from "../values/times";
import type { Connection } from "./useLive";

/** Always there: how old is what is shown, and whether SciCat answers. */
export function ConnectionLine({ connection }: { readonly connection: Connection }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  const { answered, trouble, next } = connection;
  const age = answered === null ? "not read yet" : `as of ${ago(now - answered)}`;
  if (trouble === "") {
    return (
      <p className="connection" data-state={answered === null ? "waiting" : "live"}>
        <span aria-hidden="true">●</span> {answered === null ? "Connecting …" : `Live, ${age}`}
      </p>
    );
  }
  const left = Math.max(0, Math.ceil((next - now) / 1000));
  return (
    <div className="connection" data-state="away">
      <p role="alert">
        <span aria-hidden="true">▲</span> {trouble}
      </p>
      <p>
        What is shown is {age}; asking again in {left} s.{" "}
        <button type="button" onClick={connection.now}>
          Now
        </button>
      </p>
    </div>
  );
}
