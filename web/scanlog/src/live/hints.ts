/** Hints of new scans, where the site has them: SciCat itself tells nothing, and is asked every two seconds. */

/** After a refusal, such as that of one page too many, in milliseconds. */
const AGAIN = 60_000;

/** Call `heard` at each hint, while the page is seen; return what ends it. */
export function listen(heard: () => void): () => void {
  let source: EventSource | null = null;
  let timer = 0;

  function follow() {
    window.clearTimeout(timer);
    // A browser has six connections to a server: a page that nobody sees must not hold one.
    if (document.hidden) stop();
    else source ??= opened();
  }

  function opened(): EventSource {
    const one = new EventSource("hints");
    one.onmessage = heard;
    // What was written while it was away was not told.
    one.onopen = heard;
    one.onerror = () => {
      if (one.readyState !== EventSource.CLOSED) return; // it tries again by itself
      source = null;
      timer = window.setTimeout(follow, AGAIN);
    };
    return one;
  }

  function stop() {
    source?.close();
    source = null;
  }

  document.addEventListener("visibilitychange", follow);
  follow();
  return () => {
    document.removeEventListener("visibilitychange", follow);
    window.clearTimeout(timer);
    stop();
  };
}
