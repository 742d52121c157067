// The policy as JSON, with what is wrong about it beside the line that it is about.
import { element } from "./dom.js";

// put returns what the server says of a policy.
async function put(text) {
  try {
    const response = await fetch("/control/policy", { method: "PUT", headers: { "Content-Type": "application/json" }, body: text });
    return await response.json();
  } catch {
    return { problems: [{ place: "settings", line: 0, rule: "the playground does not answer", fix: "see whether it still runs" }] };
  }
}

export class Editor {
  #form;
  #text;
  #gutter;
  #problems;
  #notes;
  #applied; // the text that is in force, as far as this page knows
  #starting;
  #onApply;

  constructor(form, { policy, starting }, onApply) {
    this.#form = form;
    this.#text = form.querySelector("textarea");
    this.#gutter = form.querySelector(".gutter");
    this.#problems = form.querySelector(".problems");
    this.#notes = form.querySelector(".notes");
    this.#applied = policy;
    this.#starting = starting;
    this.#onApply = onApply;
    this.show(policy);
    this.#text.addEventListener("input", () => this.#mark([]));
    this.#text.addEventListener("scroll", () => { this.#gutter.scrollTop = this.#text.scrollTop; });
    this.#text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.apply();
    });
    form.querySelector(".reset").addEventListener("click", () => {
      this.show(this.#starting);
      this.apply();
    });
  }

  show(text) {
    this.#text.value = text;
    this.#mark([]);
  }

  // follow shows the policy that another page has applied, unless somebody is at work here.
  follow(text) {
    if (this.#text.value === this.#applied) {
      this.show(text);
    }
    this.#applied = text;
  }

  async apply() {
    const text = this.#text.value;
    const { problems = [], findings, generation } = await put(text);
    this.#list(problems);
    this.#mark(problems);
    this.#notes.hidden = !findings?.length;
    this.#notes.querySelector("ul").replaceChildren(...(findings ?? []).map((finding) => element("li", {}, element("code", {}, finding.field), " ", finding.message)));
    if (problems.length > 0) {
      this.#problems.focus();
      return;
    }
    this.#applied = text;
    this.#onApply(generation);
  }

  #list(problems) {
    const lines = this.#text.value.split("\n");
    this.#problems.replaceChildren();
    if (problems.length === 0) {
      return;
    }
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    this.#problems.append(element("p", {}, element("b", {}, `${count}. Nothing has changed on the servers.`)), element("ol", {}, ...problems.map((problem) => {
      const { place, line, value, rule, fix } = problem;
      const go = line ? element("button", { type: "button", className: "go" }, `line ${line}`) : null;
      go?.addEventListener("click", () => this.#select(line));
      return element("li", {},
        element("p", {}, element("code", { className: "place" }, place), " ", go ?? ""),
        line ? element("pre", {}, (lines[line - 1] ?? "").trim().slice(0, 200)) : null,
        element("p", {}, value ? `${JSON.stringify(value)}: ${rule}.` : `${rule[0].toUpperCase()}${rule.slice(1)}.`),
        fix ? element("p", { className: "fix" }, element("b", {}, "Fix: "), fix) : null);
    })));
  }

  // mark numbers the lines and marks those that have a problem.
  #mark(problems) {
    const bad = new Set(problems.map((problem) => problem.line));
    const count = this.#text.value.split("\n").length;
    this.#gutter.replaceChildren(...Array.from({ length: count }, (_, i) => element("span", bad.has(i + 1) ? { className: "bad" } : {}, `${i + 1}`)));
    this.#gutter.scrollTop = this.#text.scrollTop;
    this.#text.setAttribute("aria-invalid", String(problems.length > 0));
  }

  #select(line) {
    const lines = this.#text.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    this.#text.focus();
    this.#text.setSelectionRange(start, start + lines[line - 1].length);
  }
}
