// Runs a cell of the grid: sends its requests, asks the server what it received and decided, and
// compares.
import { send } from "./send.js";

const run = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => (byte % 36).toString(36)).join("");
let requests = 0;

// runCell returns the steps with what was observed, promised and exchanged, and whether the browser
// did what the policy decided.
export async function runCell(scenario, column, frames) {
  const id = `${run}-${++requests}`;
  const steps = [];
  try {
    for (const step of scenario.steps) {
      if (step.shut !== undefined) {
        await reload(id, step.shut);
        continue;
      }
      steps.push(await runStep({ ...step, path: step.path.replace(":id", id) }, column, frames));
    }
  } catch (error) {
    steps.push({ path: "", verdict: `no verdict, ${error.message}`, agrees: false, exchanges: [] });
    if (scenario.steps.some((step) => step.shut)) {
      await reload(id, false).catch(() => {});
    }
  }
  return { steps, agrees: steps.every((step) => step.agrees) };
}

async function reload(id, shut) {
  const response = await fetch(`control/shut?id=${id}&shut=${shut}`, { method: "POST" });
  if (!response.ok) {
    throw new Error(`the policy could not be reloaded: ${await response.text()}`);
  }
}

async function runStep(step, column, frames) {
  const token = `${run}-${++requests}`;
  const request = {
    url: `http://${location.hostname}:${column.port}${step.path}?t=${token}`,
    method: step.method ?? "GET", headers: step.headers, body: step.body, header: step.header,
    credentials: step.credentials ?? "omit",
  };
  const seen = await (step.from ? frames[step.from](request) : send(request));
  const query = new URLSearchParams({ t: token, credentials: request.credentials, header: step.header ?? "" });
  const response = await fetch(`control/exchanges?${query}`);
  const { exchanges, promise } = await response.json();
  const sameResponse = seen.status === promise.status && seen.header === promise.header;
  const agrees = seen.outcome === promise.outcome && (seen.outcome === "refused" || sameResponse);
  return { ...step, seen, promise, exchanges, agrees, verdict: verdict(step, seen, promise) };
}

// verdict says in a few words what the page could read.
function verdict(step, seen, promise) {
  if (promise.outcome === "none") {
    return "no response, the server has received no request";
  }
  if (seen.outcome === "refused") {
    return promise.outcome === "refused" ? `refused, ${promise.reason}` : "refused, although allowed";
  }
  let text = `read ${seen.status}`;
  if (step.header) {
    text += seen.header ? `, ${step.header}: ${seen.header}` : `, ${step.header} hidden`;
  }
  if (step.name) {
    text += `, ${seen.name}`;
  }
  return promise.outcome === "read" ? text : `${text}, although refused`;
}
