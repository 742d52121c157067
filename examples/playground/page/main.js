// Puts the page together.
import { showCell } from "./detail.js";
import { Editor } from "./editor.js";
import { openFrames } from "./frames.js";
import { Grid } from "./grid.js";
import { watch } from "./log.js";

const find = (selector) => document.querySelector(selector);
const status = find("#status");

async function state() {
  const response = await fetch("/control/state");
  if (!response.ok) {
    throw new Error(await response.text());
  }
  return response.json();
}

async function start() {
  const first = await state();
  const twin = first.origins.find((origin) => origin !== location.origin);
  find("#origin").textContent = location.origin;
  find("#twin").textContent = twin;
  find("#twin").href = twin;

  const dialog = find("#detail");
  const grid = new Grid(find("#grid"), first.columns, await openFrames(twin), (cell) => showCell(dialog, cell, grid.isGood(cell)), report);
  let generation = first.generation;
  const run = async () => {
    find("#run").disabled = true;
    const ran = generation;
    await grid.run();
    status.dataset.generation = ran; // of the policy that the grid is about
    find("#run").disabled = false;
  };
  const editor = new Editor(find("#policy"), first, (applied) => {
    generation = Math.max(generation, applied);
    run();
  });
  const watching = watch(find("#log"), find("#stream"), async (applied) => {
    if (applied <= generation) {
      return;
    }
    generation = applied;
    editor.follow((await state()).policy);
    run();
  });
  find("#run").addEventListener("click", run);
  find("#compare").addEventListener("change", ({ target }) => grid.compare(target.value));
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  await watching; // or the requests of the grid, which want the browser's six connections, would be over before the log begins
  await run();
}

function report({ all, done, good, compare }) {
  status.dataset.state = done < all ? "waiting" : good === all ? "good" : "bad";
  if (done < all) {
    status.textContent = `${done} of ${all} cells have run.`;
    return;
  }
  const as = compare === "started" ? "as with the starting policy" : "what the policy says";
  status.textContent = good === all ? `All ${all} cells are ${as}.` : `${all - good} of ${all} cells are not ${as}.`;
}

start().catch((error) => {
  status.dataset.state = "bad";
  status.textContent = `The page could not start: ${error.message}`;
});
