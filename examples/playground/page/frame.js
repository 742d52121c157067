// The page asks its frames to send requests, so that they come from another origin: from the page's
// twin or, in a sandbox, from "null".
import { send } from "./send.js";

const { port } = new URL(import.meta.url);
const pages = [`http://localhost:${port}`, `http://127.0.0.1:${port}`];

addEventListener("message", async ({ data, origin, source }) => {
  if (source !== parent || !pages.includes(origin)) {
    return;
  }
  source.postMessage({ id: data.id, answer: await send(data.request) }, origin);
});
parent.postMessage({ ready: true }, "*"); // contains nothing else
