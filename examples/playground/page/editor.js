// The policy: a text with numbered lines. Lines with a problem are marked, and so is the line that
// decides.
import { element, find } from "./dom.js";

const text = find("#policy");
const gutter = find(".gutter");
const marks = find(".marks");
const problemList = find("#problems");
const findingList = find("#findings");

export class Editor {
  #previous = null; // the text before a fix was applied

  // onInput is called when the visitor changes the text.
  constructor(onInput) {
    text.addEventListener("input", () => {
      this.#previous = null;
      this.#number(new Map());
      onInput();
    });
    text.addEventListener("scroll", () => this.#scroll());
  }

  get text() {
    return text.value;
  }

  // text shows another text. What was known about the former one is forgotten.
  set text(value) {
    this.#previous = null;
    text.value = value;
    this.#number(new Map());
  }

  // fix replaces the text, and unfix brings the former one back.
  fix(fixed) {
    const before = text.value;
    this.text = fixed;
    this.#previous = before;
  }

  unfix() {
    this.text = this.#previous;
  }

  get isFixed() {
    return this.#previous !== null;
  }

  // judge shows what is known about the text. The line is the one that decides, or 0.
  judge({ notation, problems: unsorted, findings }, line) {
    const problems = [...unsorted].sort((a, b) => a.line - b.line);
    find("#notation").textContent = { JSON: "JSON", Go: "Go", "environment variables": "Environment" }[notation] ?? "";
    const lines = new Map(line ? [[line, "decides"]] : []);
    problems.forEach((problem) => lines.set(problem.line, "bad"));
    this.#number(lines);
    text.setAttribute("aria-invalid", String(problems.length > 0));
    this.#listProblems(problems);
    this.#listFindings(problems.length > 0 ? [] : findings);
  }

  showProblems() {
    problemList.focus();
  }

  // select moves the cursor to a line and selects it.
  select(line) {
    const lines = text.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, before) => sum + before.length + 1, 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  }

  #number(lines) {
    const count = text.value.split("\n").length;
    const numbers = Array.from({ length: count }, (_, i) => i + 1);
    gutter.replaceChildren(...numbers.map((n) => element("span", { className: lines.get(n) ?? "" }, String(n))));
    marks.replaceChildren(...numbers.map((n) => element("span", { className: lines.get(n) ?? "" })));
    text.rows = Math.min(Math.max(count + 1, 9), 26);
    this.#scroll();
  }

  #scroll() {
    gutter.scrollTop = text.scrollTop;
    marks.scrollTop = text.scrollTop;
  }

  #listProblems(problems) {
    problemList.replaceChildren();
    if (problems.length === 0) {
      return;
    }
    const items = problems.map(({ line, field, value, rule, fix }) => element("li", {},
      element("p", {}, this.#goTo(line), element("code", {}, field)),
      element("p", {}, value ? `${JSON.stringify(value)}: ${rule}.` : sentence(rule)),
      fix ? element("p", { className: "advice" }, element("b", {}, "Fix: "), fix) : null));
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    problemList.append(element("h3", {}, count), element("ol", {}, ...items));
  }

  #listFindings(findings) {
    findingList.hidden = findings.length === 0;
    const items = findings.map(({ line, field, message }) => element("li", {},
      element("p", {}, this.#goTo(line), element("code", {}, field)), element("p", {}, sentence(message))));
    findingList.replaceChildren(element("h3", {}, "Valid, but worth a second look"), element("ul", {}, ...items));
  }

  #goTo(line) {
    if (!line) {
      return "";
    }
    const button = element("button", { type: "button", className: "line" }, `Line ${line}`);
    button.addEventListener("click", () => this.select(line));
    return button;
  }
}

function sentence(text) {
  return text ? `${text[0].toUpperCase()}${text.slice(1).replace(/\.$/, "")}.` : "";
}
