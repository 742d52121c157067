// The live log: every decision of every server, as it is made.
import { element } from "./dom.js";

const most = 200; // lines that are kept

// watch fills the list until the page goes. onPolicy is called with the generation of a policy that was applied, by this page or another. What is returned
// resolves when the stream is open, or after a while without one.
export function watch(list, state, onPolicy) {
  let stream = null;
  let retry = 0;
  const open = () => {
    clearTimeout(retry);
    if (stream || document.hidden) {
      return;
    }
    stream = new EventSource("/control/events");
    stream.addEventListener("open", () => { state.textContent = "live"; });
    stream.addEventListener("decision", ({ data }) => add(list, JSON.parse(data)));
    stream.addEventListener("policy", ({ data }) => onPolicy(JSON.parse(data).generation));
    stream.addEventListener("error", () => {
      state.textContent = "not connected; trying again";
      if (stream?.readyState === EventSource.CLOSED) {
        close();
        retry = setTimeout(open, 5_000);
      }
    });
  };
  const close = () => {
    stream?.close();
    stream = null;
  };
  // A page that nobody looks at gives its connection back: browsers have six to a server, for all tabs together.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  return new Promise((resolve) => {
    setTimeout(resolve, 2_000);
    open();
    stream?.addEventListener("open", resolve);
  });
}

function add(list, entry) {
  const reason = element("span", { className: "reason", "data-allowed": String(entry.allowed) }, entry.reason || "not asked");
  list.prepend(element("li", {},
    element("time", { dateTime: entry.at }, new Date(entry.at).toLocaleTimeString([], { hour12: false })),
    element("b", {}, entry.framework),
    reason,
    element("span", { className: "what" }, `${entry.kind} ${entry.method} ${entry.path}${entry.allowed ? "" : `: ${entry.because}`}`),
    element("span", { className: "origin" }, entry.origin ? `from ${entry.origin}` : "no origin")));
  while (list.children.length > most) {
    list.lastElementChild.remove();
  }
}
