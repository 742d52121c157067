// The grid: a row for each scenario, a column for each framework, and in each cell a button that opens what happened.
import { element } from "./dom.js";
import { runCell } from "./run.js";
import { scenarios } from "./scenarios.js";

export class Grid {
  #columns;
  #frames;
  #open; // shows the details of a cell
  #report; // tells how far it has come
  #cells = []; // { scenario, column, button, result }
  #compare = "policy";
  #running = null;
  #again = false;

  constructor(table, columns, frames, open, report) {
    this.#columns = columns;
    this.#frames = frames;
    this.#open = open;
    this.#report = report;
    this.#build(table);
  }

  #build(table) {
    // The roles are those that the elements have anyway, until a narrow window lays them out as blocks.
    const head = element("tr", { role: "row" }, element("th", { scope: "col", role: "columnheader" }, "Scenario"));
    for (const column of this.#columns) {
      head.append(element("th", { scope: "col", role: "columnheader" }, column.name, element("small", {}, `:${column.port}`)));
    }
    const rows = scenarios.map((scenario) => {
      const name = element("th", { scope: "row", role: "rowheader" }, element("b", {}, scenario.name), element("span", { className: "about" }, scenario.about));
      return element("tr", { role: "row" }, name, ...this.#columns.map((column) => this.#cell(scenario, column)));
    });
    table.append(element("thead", { role: "rowgroup" }, head), element("tbody", { role: "rowgroup" }, ...rows));
  }

  #cell(scenario, column) {
    const button = element("button", { type: "button", className: "cell", disabled: true, "data-state": "waiting", "data-scenario": scenario.id, "data-framework": column.name });
    const cell = { scenario, column, button, result: null };
    button.addEventListener("click", () => this.#open(cell));
    this.#cells.push(cell);
    this.#show(cell);
    return element("td", { role: "cell" }, button);
  }

  // run runs all cells; if that is under way, once more afterwards.
  run() {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#runAll().finally(() => {
      this.#running = null;
      if (this.#again) {
        this.#again = false;
        return this.run();
      }
    });
    return this.#running;
  }

  async #runAll() {
    for (const cell of this.#cells) {
      cell.result = null;
      this.#show(cell);
    }
    this.#report(this.#count());
    // The frameworks run beside each other, each at its own pace.
    await Promise.all(this.#columns.map(async (column) => {
      for (const cell of this.#cells.filter((cell) => cell.column === column)) {
        cell.result = await runCell(cell.scenario, column, this.#frames);
        this.#show(cell);
      }
      this.#report(this.#count());
    }));
  }

  // compare holds what the page could read against "policy", which is in force, or against the one that the playground "started" with.
  compare(what) {
    this.#compare = what;
    this.#cells.forEach((cell) => this.#show(cell));
    this.#report(this.#count());
  }

  isGood({ result }) {
    return this.#compare === "started" ? result.agrees && result.asStarted : result.agrees;
  }

  #count() {
    const done = this.#cells.filter((cell) => cell.result);
    return { all: this.#cells.length, done: done.length, good: done.filter((cell) => this.isGood(cell)).length, compare: this.#compare };
  }

  #show(cell) {
    const { button, result, scenario, column } = cell;
    const name = element("span", { className: "framework" }, column.name); // where there is no room for columns
    button.disabled = !result;
    if (!result) {
      button.dataset.state = "waiting";
      button.setAttribute("aria-label", `${scenario.name} on ${column.name}: not run yet`);
      button.replaceChildren(name, element("span", { className: "verdict" }, "…"));
      return;
    }
    const good = this.isGood(cell);
    const verdicts = result.steps.map((step) => step.verdict);
    const [word, ...rest] = verdicts.at(-1).split(", ");
    button.dataset.state = good ? "good" : "bad";
    button.dataset.outcome = word.split(" ")[0];
    const judged = { policytrue: "as the policy says", policyfalse: "not what the policy says", startedtrue: "as with the starting policy", startedfalse: "not as with the starting policy" };
    button.setAttribute("aria-label", `${scenario.name} on ${column.name}: ${verdicts.join("; ")}. ${judged[this.#compare + good]}`);
    button.replaceChildren(name,
      element("span", { className: "mark", "aria-hidden": "true" }, good ? "✓" : "✗"),
      element("span", { className: "verdict" }, word),
      element("span", { className: "more" }, rest.join(", ")),
    );
  }
}
