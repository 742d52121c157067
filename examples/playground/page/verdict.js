// The verdict: what the browser does with the request, step by step, and what to change.
import { commandBlock, copyOnClick, element, find, listHeaders, say } from "./dom.js";

const section = find("#verdict");
const reasons = find("#reasons");

// show shows an answer of the engine. The actions are what its buttons do: fix(text), undo() and
// goTo(line).
export function show(answer, { isFixed, actions }) {
  if (answer.policy.problems.length > 0) {
    const count = answer.policy.problems.length === 1 ? "a problem" : `${answer.policy.problems.length} problems`;
    head("refused", "✗", "Polycors refuses this policy",
      `It has ${count}, listed under the policy. A server with this policy does not start.`);
    reasons.replaceChildren(undo(isFixed, actions) ?? "");
    return;
  }
  if (!answer.verdict) {
    head("waiting", "?", "Which request is it?", answer.request.problem || "Paste it above, or fill it in.");
    reasons.replaceChildren(undo(isFixed, actions) ?? "");
    return;
  }
  const { verdict } = answer;
  if (verdict.readable) {
    head("allowed", "✓", "Not blocked", verdict.summary);
  } else {
    head("blocked", "✗", "Blocked", verdict.summary);
  }
  reasons.replaceChildren(
    element("div", { className: "why" },
      steps(verdict), deciding(verdict, actions), fix(verdict, actions), undo(isFixed, actions)),
    element("div", { className: "proof" }, consoleError(verdict), exchanges(verdict), curl(verdict)));
}

// fail says that the engine does not answer.
export function fail(title, text, retry) {
  head("waiting", "!", title, text);
  section.dataset.failed = "";
  const button = element("button", { type: "button" }, "Try again");
  button.addEventListener("click", retry);
  reasons.replaceChildren(button);
}

export function focus() {
  find("#verdict-title").focus();
}

function head(state, mark, word, summary) {
  section.dataset.state = state;
  delete section.dataset.failed;
  section.querySelector(".mark").textContent = mark;
  section.querySelector(".word").textContent = word;
  find("#summary").textContent = summary;
  say(`${word}. ${summary}`);
}

const marks = { passed: "✓", failed: "✗", "not needed": "–", "not asked": "·" };

// steps lists the checks. Those that are not made, because an earlier one failed, share a line.
function steps({ steps }) {
  const made = steps.filter(({ result }) => result !== "not asked").map(step);
  const rest = steps.filter(({ result }) => result === "not asked");
  if (rest.length > 0) {
    made.push(step({ ...rest[0], name: rest.map(({ name }) => name).join(", "), isShared: rest.length > 1 }));
  }
  return element("ol", { className: "steps" }, ...made);
}

function step({ name, result, text, isShared }) {
  return element("li", { "data-result": result, className: isShared ? "shared" : "" },
    element("span", { className: "mark", "aria-hidden": "true" }, marks[result]),
    element("b", {}, name), element("span", { className: "unseen" }, `, ${result}: `),
    element("span", { className: "text" }, text));
}

function deciding({ line, field }, { goTo }) {
  if (!line) {
    return field ? element("p", {}, element("code", {}, field), " decides. The policy does not set it.") : null;
  }
  const button = element("button", { type: "button", className: "line" }, `Line ${line}`);
  button.addEventListener("click", () => goTo(line));
  return element("p", {}, button, "of the policy decides.");
}

function fix({ fix, fixed, instead }, actions) {
  const requests = Object.entries(instead ?? {}).map(([name, value]) => element("li", {}, ...change(name, value)));
  if (!fix && requests.length === 0) {
    return null;
  }
  const box = element("div", { className: "advice" }, element("h3", {}, "Fix"));
  if (fix) {
    box.append(element("p", {}, sentence(fix)));
  }
  if (requests.length > 0) {
    box.append(element("p", {}, "The request has to change, too:"), element("ul", {}, ...requests));
  }
  if (fixed) {
    const button = element("button", { type: "button", className: "primary", id: "apply-fix" }, "Apply fix");
    button.addEventListener("click", () => actions.fix(fixed));
    box.append(button);
  }
  return box;
}

function change(name, value) {
  if (name === "Path") {
    return ["request ", element("code", {}, value)];
  }
  return value ? ["send ", element("code", {}, `${name}: ${value}`)] : ["do not send ", element("code", {}, name)];
}

function undo(isFixed, actions) {
  if (!isFixed) {
    return null;
  }
  const button = element("button", { type: "button", className: "quiet", id: "undo-fix" }, "Undo");
  button.addEventListener("click", actions.undo);
  return element("p", { className: "undo" }, "The fix is in the policy. ", button);
}

function consoleError({ console }) {
  if (!console) {
    return null;
  }
  const label = "The console's message";
  return element("div", {}, element("h3", {}, "With this policy, the browser's console says"),
    element("pre", { className: "console", tabIndex: 0, role: "region", "aria-label": label }, console));
}

function exchanges({ exchanges }) {
  if (!exchanges?.length) {
    return null;
  }
  return element("div", {}, ...exchanges.map(({ kind, method, path, sent, status, headers }) => {
    const name = kind === "preflight" ? "Preflight" : "Request";
    const answer = status ? `${status}` : "the status of your handler";
    return element("div", { className: "exchange" },
      element("h3", {}, name, " ", element("code", {}, `${method} ${path}`)),
      element("div", { className: "wire" },
        listHeaders(`Headers of the ${name.toLowerCase()}`, `${method} ${path}`, sent),
        listHeaders(`Headers of the response to the ${name.toLowerCase()}`, answer, headers)));
  }));
}

function curl({ curl }) {
  if (!curl) {
    return null;
  }
  const button = element("button", { type: "button", className: "quiet" }, "Copy");
  copyOnClick(button, () => curl);
  return element("div", {}, element("div", { className: "row" }, element("h3", {}, "Try it with curl"), button),
    commandBlock(curl));
}

function sentence(text) {
  const upper = text[0].toUpperCase() + text.slice(1);
  return /[.!?]$/.test(upper) ? upper : `${upper}.`;
}
