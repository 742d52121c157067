// The log: every decision of every server, as it is made.
import { element, find, say } from "./dom.js";

const most = 500; // lines that are kept

// watch fills the list until the page is closed. explain(id) is called when a line is opened,
// onPolicy(generation) when a policy was applied, by this page or another, and onBack when the
// servers respond again. The promise resolves when the stream is open, or after two seconds.
export function watch(list, explain, onPolicy, onBack) {
  let stream = null;
  let retry = 0;
  const open = () => {
    clearTimeout(retry);
    if (stream || document.hidden) {
      return;
    }
    stream = new EventSource("control/events");
    stream.addEventListener("open", () => connected(true, onBack));
    stream.addEventListener("decision", ({ data, lastEventId }) => add(list, JSON.parse(data), lastEventId, explain));
    stream.addEventListener("policy", ({ data }) => onPolicy(JSON.parse(data).generation));
    stream.addEventListener("error", () => {
      connected(false);
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
  // A page in the background closes its connection: browsers have six for a server and all tabs.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  find("#filter").addEventListener("input", () => filter(list));
  find("#which").addEventListener("change", () => filter(list));
  return new Promise((resolve) => {
    setTimeout(resolve, 2_000);
    open();
    stream?.addEventListener("open", resolve);
  });
}

let wasLost = false;

function connected(isConnected, onBack) {
  find("#stream").textContent = isConnected ? "live" : "not connected; trying again";
  find("#stopped").hidden = isConnected;
  find("#stopped").textContent = isConnected ? ""
    : "The servers do not respond. If you stopped the playground, start it again with go run ./examples/playground.";
  if (isConnected && wasLost) {
    onBack();
  }
  wasLost = !isConnected;
}

function add(list, entry, id, explain) {
  const { at, framework, allowed, kind, method, path, because, origin } = entry;
  const reason = entry.reason || "not asked";
  const from = origin ? `from ${origin}` : "no origin";
  const what = `${kind} ${method} ${path}`;
  const button = element("button", { type: "button" },
    element("time", { dateTime: at }, new Date(at).toLocaleTimeString([], { hour12: false })), " ",
    element("b", {}, framework), " ",
    element("span", { className: "reason", "data-allowed": String(allowed) }, reason), " ",
    element("span", { className: "origin" }, from), " ",
    element("span", { className: "what" }, allowed ? what : `${what}: ${because}`));
  button.addEventListener("click", () => explain(id));
  const line = element("li", { "data-allowed": String(allowed) }, button);
  line.hidden = !matches(line);
  list.prepend(line);
  while (list.children.length > most) {
    list.lastElementChild.remove();
  }
  count(list);
}

function filter(list) {
  for (const line of list.children) {
    line.hidden = !matches(line);
  }
  count(list);
  say(find("#matching").textContent);
}

// matches reports whether the line has every word of the filter.
function matches(line) {
  const text = line.textContent.toLowerCase();
  const words = find("#filter").value.toLowerCase().split(/\s+/);
  const which = find("#which").value;
  return words.every((word) => text.includes(word)) && (which === "" || which === line.dataset.allowed);
}

function count(list) {
  if (find("#filter").value.trim() === "" && find("#which").value === "") {
    find("#matching").textContent = "";
    return;
  }
  const shown = [...list.children].filter((line) => !line.hidden).length;
  find("#matching").textContent = `${shown} of ${list.children.length} lines`;
}
