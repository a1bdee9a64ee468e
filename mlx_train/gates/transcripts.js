"use strict";
const one = (id) => document.getElementById(id);
const tasks = [...document.querySelectorAll("#tasks > details")];
const lists = [...document.querySelectorAll(".causes")];
const selects = [...document.querySelectorAll("#bar select")];
const DETAILS = 4;
let chosen = null; // the button of a cause

const is = {
  suite: (task, value) => task.dataset.suite === value,
  family: (task, value) => task.dataset.family === value,
  change: (task, value) => task.dataset.change === value,
  verdict: (task, value) => {
    const [model, verdict] = value.split(" ");
    return task.dataset["verdict" + model] === verdict;
  },
};

const model = (button) => button.closest(".causes").dataset.model;
const key = ({ kind, detail }) => (detail === undefined ? kind : `${kind}\n${detail}`);
const count = (button) => Number(button.firstElementChild.textContent);
const byCount = (a, b) => count(b) - count(a);

/** The keys that a task counts under: its kind of cause, and that with the detail. */
function keys(task, model) {
  const kind = task.dataset["kind" + model];
  return kind === undefined ? [] : [kind, `${kind}\n${task.dataset["detail" + model]}`];
}

function recount(list, left) {
  const counts = new Map();
  for (const task of left) for (const one of keys(task, list.dataset.model)) counts.set(one, (counts.get(one) ?? 0) + 1);
  for (const button of list.querySelectorAll("button")) {
    button.firstElementChild.textContent = counts.get(key(button.dataset)) ?? 0;
    button.setAttribute("aria-pressed", button === chosen);
  }
  for (const details of list.querySelectorAll(".details")) {
    const sorted = [...details.children].sort(byCount);
    sorted.forEach((button, place) => (button.hidden = button !== chosen && (!count(button) || place >= DETAILS)));
    details.append(...sorted);
  }
  const items = [...list.children].filter((item) => item.firstElementChild);
  items.sort((a, b) => byCount(a.firstElementChild, b.firstElementChild));
  for (const item of items) item.hidden = !count(item.firstElementChild) && !item.contains(chosen);
  list.append(...items);
  const failed = left.filter((task) => keys(task, list.dataset.model).length).length;
  document.querySelector(`[data-failed="${list.dataset.model}"]`).textContent = `${failed} of ${left.length}`;
}

function show() {
  const left = tasks.filter((task) => selects.every((select) => !select.value || is[select.id](task, select.value)));
  for (const list of lists) recount(list, left);
  const shown = new Set(left.filter((task) => !chosen || keys(task, model(chosen)).includes(key(chosen.dataset))));
  for (const task of tasks) task.hidden = !shown.has(task);
  const cause = chosen ? `: ${chosen.closest("section").dataset.label}, ${key(chosen.dataset).replace("\n", ", ")}` : "";
  one("shown").textContent = `${shown.size} of ${tasks.length} tasks${cause}`;
}

/** Choose what the address asks for: `#suite=hard&change=lost`. */
function follow() {
  const asked = new URLSearchParams(location.hash.slice(1));
  for (const select of selects) if (asked.has(select.id)) select.value = asked.get(select.id);
  show();
}

for (const list of lists) {
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    chosen = button === chosen ? null : button;
    show();
    if (chosen) one("list").scrollIntoView();
    button.focus({ preventScroll: true });
  });
}
one("bar").addEventListener("change", show);
one("clear").addEventListener("click", () => {
  for (const select of selects) select.value = "";
  chosen = null;
  show();
});
one("open").addEventListener("click", () => tasks.forEach((task) => (task.open ||= !task.hidden)));
one("close").addEventListener("click", () => tasks.forEach((task) => (task.open = false)));
one("bar").hidden = false;
addEventListener("hashchange", follow);
follow();
