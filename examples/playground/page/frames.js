// Frames send requests for the page from other origins.

// openFrames returns, by name, functions that send a request.
export async function openFrames(twin) {
  const frames = [openFrame(`${twin}/frame.html`), openFrame("/frame.html", "allow-scripts")];
  const [other, sandbox] = await Promise.all(frames);
  return { twin: other, sandbox };
}

function openFrame(src, sandbox) {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = "Sends requests of another origin";
  if (sandbox) {
    frame.sandbox = sandbox;
  }
  const waiting = new Map(); // by the id of the message
  let sent = 0;
  const post = (request) =>
    new Promise((resolve) => {
      waiting.set(++sent, resolve);
      // A sandboxed frame has no origin that could be named. What is sent to it is not a secret.
      frame.contentWindow.postMessage({ id: sent, request }, sandbox ? "*" : new URL(src).origin);
    });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the frame ${src} does not respond`)), 10_000);
    addEventListener("message", ({ data, source }) => {
      if (source !== frame.contentWindow) {
        return;
      }
      if (data.ready) {
        clearTimeout(timer);
        resolve(post);
        return;
      }
      waiting.get(data.id)?.(data.answer);
      waiting.delete(data.id);
    });
    frame.src = src;
    document.body.append(frame);
  });
}
