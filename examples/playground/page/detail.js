// The dialog that a cell opens: each request as the server saw it, what was decided about it and why, and the answer.
import { element } from "./dom.js";

export function showCell(dialog, { scenario, column, result }, good) {
  const title = `${scenario.name} on ${column.name}`;
  const parts = [];
  for (const [i, step] of result.steps.entries()) {
    const sender = { twin: "the page's twin on the other origin", sandbox: "a sandboxed frame" }[step.from] ?? "the page";
    const heading = result.steps.length > 1 ? `Request ${i + 1} of ${result.steps.length}` : "Request";
    // The last request is what the cell is about; the ones before are there for comparison.
    parts.push(element("details", { className: "step", open: i === result.steps.length - 1 },
      element("summary", {}, element("h3", {}, `${heading}: ${step.verdict}`)),
      element("p", {}, `${step.method ?? "GET"} ${step.path}, sent by ${sender}. `, step.agrees ? "The browser did what the policy says." : `The policy says: ${promised(step.promise)}.`),
      ...step.exchanges.map((exchange, n) => showExchange(exchange, n))));
  }
  dialog.querySelector("h2").textContent = title;
  const state = dialog.querySelector(".state");
  state.textContent = good ? "✓ as expected" : "✗ not as expected";
  state.dataset.state = good ? "good" : "bad";
  dialog.querySelector(".about").textContent = scenario.about;
  dialog.querySelector(".steps").replaceChildren(...parts);
  dialog.showModal();
  dialog.querySelector(".body").scrollTop = 0;
}

function promised(promise) {
  switch (promise?.outcome) {
    case "read":
      return `read ${promise.status}${promise.header ? `, with the header ${promise.header}` : ""}`;
    case "refused":
      return `refused, ${promise.reason}`;
  }
  return "nothing, for no server has seen the request";
}

function showExchange(exchange, n) {
  const { decision } = exchange;
  const kind = { preflight: "Preflight", actual: "Actual request" }[decision.kind] ?? "Not for CORS";
  const facts = element("dl", {});
  const fact = (term, text, className) => text && facts.append(element("div", { className: className ?? "" }, element("dt", {}, term), element("dd", {}, text)));
  fact("Because", decision.because);
  fact("Nearest", decision.nearest);
  fact("Setting", decision.field);
  fact("Fix", decision.fix, "fix");
  fact("The console says", decision.browser);
  return element("article", { className: "exchange" },
    element("h4", {}, `${n + 1}. ${kind}: `, element("code", {}, `${exchange.method} ${decision.path || exchange.target}`), " ",
      element("span", { className: "reason", "data-allowed": String(decision.reason === "allowed") }, decision.reason)),
    facts,
    element("div", { className: "wire" },
      wire("As the server saw it", `${exchange.method} ${exchange.target}`, exchange.request),
      wire("What it answered", `${exchange.status}`, exchange.response)),
    decision.curl ? curl(decision.curl) : null);
}

// Headers that matter to CORS stand out.
const matters = /^(origin|host|access-control-.*|sec-fetch-(site|mode)|vary|polycors-reason|location|cookie|set-cookie|authorization|content-type)$/i;

function wire(caption, first, lines) {
  const text = element("pre", { tabIndex: 0, "aria-label": caption, role: "region" }, element("b", {}, first));
  for (const [name, value] of lines) {
    text.append("\n", element("span", { className: matters.test(name) ? "matters" : "" }, `${name}: ${value}`));
  }
  return element("div", {}, element("h5", {}, caption), text);
}

function curl(command) {
  const copy = element("button", { type: "button", className: "copy" }, "Copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(command);
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "Select and copy";
    }
  });
  return element("div", { className: "curl" }, element("div", { className: "row" }, element("h5", {}, "The same with curl"), copy),
    element("pre", { tabIndex: 0, "aria-label": "curl command", role: "region" }, command));
}
