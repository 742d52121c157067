// Puts the page together: the policy, the request and the verdict. The servers are in servers.js.
import { copyOnClick, element, find } from "./dom.js";
import { Editor } from "./editor.js";
import { ask } from "./engine.js";
import { presets } from "./presets.js";
import { RequestForm } from "./request.js";
import { startServers } from "./servers.js";
import { fromFragment, load, save, toFragment } from "./state.js";
import * as verdict from "./verdict.js";

const pause = 150; // milliseconds without a keystroke before the engine is asked

const editor = new Editor(edited);
const form = new RequestForm(edited);
let own = null; // the question that the visitor wrote last
let isOwn = false; // whether it is the one that is shown
let preset = null; // the example that is shown
let copies = null; // the policy in the three notations
let asked = 0;
let timer = 0;
let serving = false;

const question = () => ({ policy: editor.text, request: form.request });

// edited is called for what the visitor does, and shown for what the page does.
function edited() {
  isOwn = true;
  own = question();
  preset = null;
  copies = null;
  forgetFragment();
  clearTimeout(timer);
  timer = setTimeout(judge, pause);
  saveAndMark();
}

function shown({ policy, request }) {
  copies = null;
  editor.text = policy;
  form.request = request;
  saveAndMark();
  return judge();
}

function saveAndMark() {
  save(question(), own);
  for (const button of document.querySelectorAll("[data-preset]")) {
    button.setAttribute("aria-pressed", String(button.dataset.preset === (isOwn ? "own" : preset?.name)));
  }
  find("[data-preset=own]").hidden = own === null;
}

async function judge() {
  clearTimeout(timer);
  const mine = ++asked;
  let answer;
  try {
    answer = await ask(editor.text, editor.isFixed, form.request);
  } catch (error) {
    if (mine === asked) {
      verdict.fail(...(serving ? stopped : [notLoaded, error.message]), judge);
    }
    return;
  }
  if (mine !== asked) {
    return; // the question has changed
  }
  if (form.isEmpty) {
    answer.request.problem = "";
  }
  copies = answer.copy;
  editor.judge(answer.policy, answer.verdict?.line);
  form.judge(answer.request);
  verdict.show(answer, { isFixed: editor.isFixed, actions });
}

const stopped = [
  "The playground does not respond",
  "It has probably been stopped. Start it again with: go run ./examples/playground. Your text is kept.",
];
const notLoaded = "The page could not load what judges the request";

const actions = {
  goTo: (line) => editor.select(line),
  fix: (fixed) => change(() => editor.fix(fixed)),
  undo: () => change(() => editor.unfix()),
};

async function change(make) {
  make();
  copies = null;
  own = isOwn ? question() : own;
  preset = null;
  forgetFragment();
  saveAndMark();
  await judge();
  verdict.focus();
}

// forgetFragment removes a question from the address, because the page now shows another one.
function forgetFragment() {
  if (fromFragment(location.hash)) {
    history.replaceState(null, "", location.pathname + location.search);
  }
}

function listPresets() {
  const add = (name, label, choose) => {
    const button = element("button", { type: "button", "data-preset": name, "aria-pressed": "false" }, label);
    button.addEventListener("click", () => {
      forgetFragment();
      choose();
    });
    find(".presets").append(button);
  };
  for (const example of presets) {
    add(example.name, example.name, () => {
      isOwn = false;
      preset = example;
      shown(example);
    });
  }
  add("own", "Your own", () => {
    isOwn = true;
    preset = null;
    shown(own);
  });
}

function begin() {
  const linked = fromFragment(location.hash);
  const saved = load();
  own = saved?.own ?? null;
  isOwn = false;
  preset = null;
  if (linked) {
    return shown(linked);
  }
  const before = JSON.stringify(saved?.question);
  isOwn = own !== null && before === JSON.stringify(own);
  preset = isOwn ? null : presets.find(({ policy, request }) => JSON.stringify({ policy, request }) === before) ?? null;
  if (saved) {
    return shown(saved.question);
  }
  preset = presets[0];
  return shown(presets[0]);
}

listPresets();
addEventListener("hashchange", () => fromFragment(location.hash) && begin());
for (const button of document.querySelectorAll("[data-copy]")) {
  copyOnClick(button, () => copies?.[button.dataset.copy] ?? "");
}
copyOnClick(find("#link"), () => {
  history.replaceState(null, "", toFragment({ policy: editor.text, request: form.shareable }));
  return location.href;
}, "Link copied");
begin();

serving = await startServers({
  policy: async () => {
    if (copies === null) {
      await judge(); // the policy has just been changed
    }
    return copies?.json ?? "";
  },
  problems: () => editor.showProblems(),
  edit: (policy) => {
    editor.text = policy;
    edited();
    find("#policy").focus();
  },
});
