// The dialog with the details of a row of the grid or a line of the log: each request as the server
// received it, what was decided and why, and the response.
import { commandBlock, copyOnClick, element, listHeaders } from "./dom.js";

// showRow shows a row of the grid, with the framework at an index. The visitor can choose another.
export function showRow(dialog, row, index) {
  const pick = dialog.querySelector(".pick");
  pick.hidden = false;
  const buttons = row.cells.map(({ column }, i) => {
    const button = element("button", { type: "button" }, column.name);
    button.addEventListener("click", () => choose(i));
    return button;
  });
  const choose = (i) => {
    buttons.forEach((button, n) => button.setAttribute("aria-pressed", String(n === i)));
    const { column, result } = row.cells[i];
    const steps = result.steps.map((step, n) => showStep(step, n, result.steps.length));
    fill(dialog, `${row.scenario.name} on ${column.name}`, row.scenario.about, steps);
  };
  pick.replaceChildren(...buttons);
  choose(index);
  dialog.showModal();
}

// showExchange shows one exchange, or says that the server has forgotten it.
export function showExchange(dialog, exchange) {
  dialog.querySelector(".pick").hidden = true;
  if (!exchange) {
    fill(dialog, "An older request", "The server keeps only the latest requests, and this one is older.", []);
  } else {
    const time = new Date(exchange.at).toLocaleTimeString([], { hour12: false });
    const title = `${exchange.method} ${pathOf(exchange)} on ${exchange.framework}`;
    fill(dialog, title, `Decided at ${time}.`, [exchangeArticle(exchange)]);
  }
  dialog.showModal();
}

function fill(dialog, title, about, parts) {
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector(".about").textContent = about;
  const body = dialog.querySelector(".body");
  body.replaceChildren(...parts);
  body.scrollTop = 0;
}

function showStep(step, i, count) {
  const senders = { twin: "the same page under its other origin", sandbox: "a sandboxed frame" };
  const heading = count > 1 ? `Request ${i + 1} of ${count}` : "Request";
  const decided = step.agrees
    ? "The browser did what the policy decided." : `The policy decided otherwise: ${promised(step.promise)}.`;
  // The last request is the one that the row is about. Those before it are for comparison.
  return element("details", { className: "step", open: i === count - 1 },
    element("summary", {}, element("h3", {}, `${heading}: ${step.verdict}`)),
    element("p", {}, `${step.method ?? "GET"} ${step.path}, sent by ${senders[step.from] ?? "this page"}. ${decided}`),
    ...step.exchanges.map((exchange, n, { length }) => exchangeArticle(exchange, length > 1 ? `${n + 1}. ` : "")));
}

function promised(promise) {
  switch (promise?.outcome) {
    case "read":
      return `read ${promise.status}${promise.header ? `, with the header ${promise.header}` : ""}`;
    case "refused":
      return `refused, ${promise.reason}`;
  }
  return "nothing, because no server has received the request";
}

const sentence = (text) => text && `${text[0].toUpperCase()}${text.slice(1).replace(/\.$/, "")}.`;

const pathOf = ({ decision, target }) => decision.path || target;

function exchangeArticle(exchange, number = "") {
  const { decision } = exchange;
  const kind = { preflight: "Preflight", actual: "Actual request" }[decision.kind] ?? "Not a CORS request";
  const facts = element("dl", {});
  const fact = (term, text, className = "") => text && facts.append(
    element("div", { className }, element("dt", {}, term), element("dd", {}, text)));
  fact("Because", sentence(decision.because));
  fact("Setting", decision.field);
  fact("Fix", sentence(decision.fix), "advice");
  fact("The console says", decision.browser);
  return element("article", { className: "exchange" },
    element("h4", {}, `${number}${kind}: `, element("code", {}, `${exchange.method} ${pathOf(exchange)}`), " ",
      element("span", { className: "reason", "data-allowed": String(decision.reason === "allowed") }, decision.reason)),
    facts,
    element("div", { className: "wire" },
      element("div", {}, element("h5", {}, "What the server received"),
        listHeaders("What the server received", `${exchange.method} ${exchange.target}`, exchange.request)),
      element("div", {}, element("h5", {}, "What it sent back"),
        listHeaders("What it sent back", `${exchange.status}`, exchange.response))),
    decision.curl ? curl(decision.curl) : null);
}

function curl(command) {
  const button = element("button", { type: "button", className: "quiet" }, "Copy");
  copyOnClick(button, () => command);
  return element("div", {}, element("div", { className: "row" }, element("h5", {}, "Try it with curl"), button),
    commandBlock(command));
}
