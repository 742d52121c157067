// The part of the page that needs the servers: the grid, the policy that they run, and the log.
import { showExchange, showRow } from "./detail.js";
import { find, say } from "./dom.js";
import { openFrames } from "./frames.js";
import { Grid } from "./grid.js";
import { watch } from "./log.js";

const status = find("#status");

// startServers shows that part. It returns false if this page has no servers. The question is the
// page's: policy() returns a promise of its policy as JSON, problems() shows why there is none, and
// edit(text) puts another policy into the editor.
export async function startServers(question) {
  const { engine } = await (await fetch("engine.json")).json();
  const first = engine === "server" ? await state() : null;
  find(first ? "#servers" : "#static").hidden = false;
  if (first) {
    new Servers(question, first).start().catch((error) => {
      status.dataset.state = "bad";
      status.textContent = `The requests could not start: ${error.message}`;
    });
  }
  return first !== null;
}

async function state() {
  const response = await fetch("control/state");
  if (!response.ok) {
    throw new Error(await response.text());
  }
  return response.json();
}

class Servers {
  #question;
  #first;
  #policy; // the text of the policy that the servers run
  #generation;
  #grid = null;

  constructor(question, first) {
    this.#question = question;
    this.#first = first;
    this.#follow(first);
  }

  async start() {
    const twin = this.#first.origins.find((origin) => origin !== location.origin);
    find("#own").textContent = location.origin;
    find("#twin").textContent = twin;
    find("#twin").href = twin;
    const dialog = find("#detail");
    dialog.querySelector(".close").addEventListener("click", () => dialog.close());

    find("#apply").addEventListener("click", () => this.#applyQuestion());
    find("#restore").addEventListener("click", () => this.#apply(this.#first.starting));
    find("#show").addEventListener("click", () => this.#question.edit(this.#policy));
    const onPolicy = async (generation) => {
      if (generation > this.#generation) {
        this.#follow(await state());
      }
    };
    const onBack = async () => this.#follow(await state());
    await watch(find("#log"), (id) => this.#explain(dialog, id), onPolicy, onBack);

    const frames = await openFrames(twin);
    const grid = new Grid(find("#grid"), this.#first.columns, frames, (...row) => showRow(dialog, ...row), report);
    find("#unfold").addEventListener("change", ({ target }) => grid.unfold(target.checked));
    find("#run").addEventListener("click", () => this.#run(grid));
    find("#run").disabled = false;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        observer.disconnect();
        this.#run(grid);
      }
    });
    observer.observe(find("#grid"));
  }

  // run runs the grid, for the first time or again.
  async #run(grid) {
    this.#grid = grid;
    find("#run").disabled = true;
    const generation = this.#generation;
    await grid.run();
    status.dataset.generation = generation; // of the policy that the grid is about
    find("#run").disabled = false;
  }

  // follow shows which policy the servers run. If it is a new one, the grid runs again, unless it has
  // not run at all. A policy that this page applies is reported twice: in the response, and as an
  // event.
  #follow({ policy, generation }) {
    const isNew = generation !== this.#generation;
    this.#policy = policy;
    this.#generation = generation;
    if (isNew && this.#grid) {
      this.#run(this.#grid);
    }
    find("#running").textContent = policy === this.#first.starting
      ? "The servers run their starting policy." : "The servers run a policy that was applied on this page.";
  }

  async #applyQuestion() {
    const policy = await this.#question.policy();
    if (policy) {
      this.#apply(policy);
    } else {
      say("The policy has problems, so the servers cannot run it.");
      this.#question.problems();
    }
  }

  async #apply(policy) {
    try {
      const headers = { "Content-Type": "application/json" };
      const response = await fetch("control/policy", { method: "PUT", headers, body: policy });
      const { problems, generation } = await response.json();
      if (problems) {
        throw new Error(problems.map(({ place, rule }) => `${place}: ${rule}`).join("; "));
      }
      this.#follow({ policy, generation });
      say(find("#running").textContent);
    } catch (error) {
      find("#running").textContent = `The policy was not applied: ${error.message}`;
      say(find("#running").textContent);
    }
  }

  async #explain(dialog, id) {
    const response = await fetch(`control/exchanges?id=${id}`);
    const { exchanges } = await response.json();
    showExchange(dialog, exchanges[0]);
  }
}

// report says how far the grid is.
function report({ requests, done, read, rows, agreed }) {
  const good = agreed === requests;
  status.dataset.state = done < requests ? "waiting" : good ? "good" : "bad";
  if (done < requests) {
    status.textContent = `${done} of ${requests} results are there.`;
    return;
  }
  status.textContent = good
    ? `${read} of ${rows} read, and all ${requests} results are what the policy decided.`
    : `${requests - agreed} of ${requests} results are not what the policy decided.`;
}
