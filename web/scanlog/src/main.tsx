import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { arrival } from "./login/oidc";
import "./style.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root");
const arrived = arrival(location.search, sessionStorage);
// At once: an address is seen, kept and copied, and a token must not be.
if (arrived !== null) history.replaceState(null, "", `${location.pathname}${arrived.query}`);
// Each request says itself when it is worth another try.
const queries = new QueryClient({
  defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false } },
});
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App arrived={arrived} />
    </QueryClientProvider>
  </StrictMode>,
);
