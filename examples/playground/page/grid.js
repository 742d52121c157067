// The grid: a row for each scenario. A row shows one result while all frameworks agree, and the
// result of each framework where they do not, or when the visitor asks for it.
import { element } from "./dom.js";
import { runCell } from "./run.js";
import { scenarios } from "./scenarios.js";

export class Grid {
  #columns;
  #frames;
  #open; // shows the details of a row
  #report; // says how far the grid is
  #rows = []; // { scenario, summary, toggle, more, asked, cells: [{ column, button, result }] }
  #unfolded = false;
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
    // The elements have these roles anyway, until a narrow window lays them out as blocks.
    const titles = ["What the page sends", `What it could read, on ${this.#columns.length} frameworks`];
    const head = element("tr", { role: "row" },
      ...titles.map((title) => element("th", { scope: "col", role: "columnheader" }, title)));
    const rows = scenarios.flatMap((scenario) => this.#row(scenario));
    table.append(element("thead", { role: "rowgroup" }, head), element("tbody", { role: "rowgroup" }, ...rows));
  }

  #row(scenario) {
    const { id, name, about } = scenario;
    const summary = element("button", { type: "button", className: "result", "data-scenario": id });
    const each = `${name} on each framework`;
    const toggle = element("button", { type: "button", className: "toggle", "aria-label": each });
    const list = element("ul", { "aria-label": each });
    const row = { scenario, summary, toggle, more: null, asked: false, cells: [] };
    row.cells = this.#columns.map((column) => this.#cell(row, column));
    list.append(...row.cells.map(({ button }) => element("li", {}, button)));
    summary.addEventListener("click", () => this.#open(row, 0));
    toggle.addEventListener("click", () => {
      row.asked = row.more.hidden;
      this.#fold(row, row.asked);
    });
    const cell = element("td", { role: "cell", colSpan: 2 }, list);
    row.more = element("tr", { role: "row", className: "frameworks" }, cell);
    this.#rows.push(row);
    this.#show(row);
    return [
      element("tr", { role: "row" },
        element("th", { scope: "row", role: "rowheader" },
          element("b", {}, name), " ", element("span", { className: "about" }, about)),
        element("td", { role: "cell" }, element("div", { className: "row" }, summary, toggle))),
      row.more,
    ];
  }

  #cell(row, column) {
    const data = { "data-scenario": row.scenario.id, "data-framework": column.name };
    const button = element("button", { type: "button", className: "cell", ...data });
    const cell = { column, button, result: null };
    button.addEventListener("click", () => this.#open(row, row.cells.indexOf(cell)));
    return cell;
  }

  // run runs all cells. If they are running, they run once more afterwards.
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
    for (const row of this.#rows) {
      row.cells.forEach((cell) => { cell.result = null; });
      this.#show(row);
    }
    this.#report(this.#count());
    // The frameworks run side by side, each at its own pace.
    await Promise.all(this.#columns.map(async (_, i) => {
      for (const row of this.#rows) {
        row.cells[i].result = await runCell(row.scenario, row.cells[i].column, this.#frames);
        showCell(row.scenario, row.cells[i]);
        this.#summarize(row);
      }
      this.#report(this.#count());
    }));
  }

  // unfold shows each framework in all rows, or only where they differ.
  unfold(all) {
    this.#unfolded = all;
    this.#rows.forEach((row) => {
      row.asked = false;
      this.#show(row);
    });
  }

  #count() {
    const results = this.#rows.flatMap(({ cells }) => cells.map(({ result }) => result)).filter((result) => result);
    return {
      requests: this.#rows.length * this.#columns.length,
      done: results.length,
      agreed: results.filter(({ agrees }) => agrees).length,
      rows: this.#rows.length,
      read: this.#rows.filter(({ cells }) => cells.every(({ result }) => result && wasRead(result))).length,
    };
  }

  #show(row) {
    row.cells.forEach((cell) => showCell(row.scenario, cell));
    this.#summarize(row);
  }

  #summarize(row) {
    const { scenario, summary, cells } = row;
    const results = cells.map(({ result }) => result).filter((result) => result);
    const different = new Set(results.map(({ steps, agrees }) => `${agrees} ${steps.map(({ verdict }) => verdict)}`));
    const differ = different.size > 1;
    this.#fold(row, this.#unfolded || row.asked || differ);
    if (results.length < cells.length) {
      summary.disabled = true;
      summary.dataset.state = "waiting";
      delete summary.dataset.outcome;
      summary.setAttribute("aria-label", `${scenario.name}: ${results.length} of ${cells.length} frameworks have run`);
      const progress = results.length ? `${results.length} of ${cells.length}` : "…";
      summary.replaceChildren(element("span", { className: "verdict" }, progress));
      return;
    }
    summary.disabled = false;
    if (differ) {
      summary.dataset.state = results.every(({ agrees }) => agrees) ? "good" : "bad";
      summary.dataset.outcome = "differ";
      summary.setAttribute("aria-label", `${scenario.name}: the frameworks differ`);
      summary.replaceChildren(element("span", { className: "verdict" }, "the frameworks differ"));
      return;
    }
    paint(summary, results[0], `${scenario.name} on all frameworks`);
  }

  #fold(row, open) {
    row.more.hidden = !open;
    row.toggle.setAttribute("aria-expanded", String(open));
  }
}

function showCell(scenario, { column, button, result }) {
  const name = element("span", { className: "framework" }, column.name);
  button.disabled = !result;
  if (!result) {
    button.dataset.state = "waiting";
    delete button.dataset.outcome;
    button.setAttribute("aria-label", `${scenario.name} on ${column.name}: not run yet`);
    button.replaceChildren(name, element("span", { className: "verdict" }, "…"));
    return;
  }
  paint(button, result, `${scenario.name} on ${column.name}`);
  button.prepend(name);
}

// paint shows a result on a button. Green means that the page could read the response. The sign
// says whether that is what the policy decided.
function paint(button, { steps, agrees }, name) {
  const verdicts = steps.map((step) => step.verdict);
  const [word, ...rest] = verdicts.at(-1).split(", ");
  button.dataset.state = agrees ? "good" : "bad";
  button.dataset.outcome = word.split(" ")[0];
  button.setAttribute("aria-label", `${name}: ${verdicts.join("; ")}. ${agrees ? "As" : "Not as"} the policy decided`);
  button.replaceChildren(
    element("span", { className: "verdict" }, word),
    element("span", { className: "more" }, rest.join(", ")),
    element("span", { className: "sign" }, agrees ? "=" : "≠"));
}

function wasRead({ steps }) {
  return steps.at(-1).verdict.startsWith("read ");
}
