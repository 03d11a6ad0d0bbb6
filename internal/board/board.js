"use strict";
const wall = document.getElementById("wall"), svg = wall.querySelector("svg"), about = document.getElementById("about");
const notes = new Map(JSON.parse(document.getElementById("notes").textContent).map(n => [n.id, n]));
const drawn = new Map([...svg.querySelectorAll(".note")].map(e => [e.id, e]));
const links = [...svg.querySelectorAll(".link")];
const whole = svg.viewBox.baseVal;
const size = { w: whole.width, h: whole.height };
let view;

function look(x, y, w, h) {
  view = { x, y, w, h };
  svg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
}

// shape makes a part of the board as wide or high as the window, so that nothing is
// moved by where the browser would center it.
function shape(x, y, w, h) {
  const box = wall.getBoundingClientRect(), ratio = box.width / box.height;
  const wide = Math.max(w, h * ratio), high = wide / ratio;
  look(x - (wide - w) / 2, y - (high - h) / 2, wide, high);
}

// begin shows all of it, or as much of its beginning as can be read.
function begin() {
  const box = wall.getBoundingClientRect(), most = 1.3;
  shape(0, 0, Math.min(size.w, box.width * most), Math.min(size.h, box.height * most));
}

function zoom(factor, cx, cy) {
  const w = Math.min(Math.max(view.w * factor, 300), 8 * Math.max(size.w, size.h));
  const by = w / view.w;
  look(cx - (cx - view.x) * by, cy - (cy - view.y) * by, w, view.h * by);
}

function place(event) {
  const box = wall.getBoundingClientRect();
  return [view.x + (event.clientX - box.left) / box.width * view.w, view.y + (event.clientY - box.top) / box.height * view.h];
}

function show(id) {
  const box = drawn.get(id).querySelector("rect").getBBox();
  const w = Math.min(view.w, 1400), h = w * view.h / view.w;
  look(box.x + box.width / 2 - w / 2, box.y + box.height / 2 - h / 2, w, h);
}

function list(title, ids) {
  if (!ids.length) return [];
  const head = document.createElement("h3"), items = document.createElement("ul");
  head.textContent = title;
  for (const id of ids) {
    const item = document.createElement("li"), button = document.createElement("button");
    button.type = "button";
    button.textContent = `${notes.get(id).title} (${notes.get(id).kind})`;
    button.onclick = () => { choose(id); show(id); };
    item.append(button);
    items.append(item);
  }
  return [head, items];
}

function choose(id) {
  for (const e of svg.querySelectorAll(".chosen, .near")) e.classList.remove("chosen", "near");
  svg.classList.toggle("chosen", Boolean(id));
  about.hidden = !id;
  if (!id) return;
  const n = notes.get(id), from = [];
  drawn.get(id).classList.add("chosen");
  for (const l of links) {
    if (l.dataset.from !== id && l.dataset.to !== id) continue;
    l.classList.add("near");
    drawn.get(l.dataset.from).classList.add("near");
    drawn.get(l.dataset.to).classList.add("near");
    if (l.dataset.to === id) from.push(l.dataset.from);
  }
  const title = document.createElement("h2"), what = document.createElement("p"), text = document.createElement("p");
  title.textContent = n.title;
  what.textContent = [n.kind, n.name === n.title ? "" : n.name, n.in].filter(Boolean).join(" · ");
  text.textContent = n.text || "";
  about.replaceChildren(title, what, text, ...list("Because of", from), ...list("Then", n.leads || []));
}

let held;
wall.addEventListener("pointerdown", e => { held = { x: e.clientX, y: e.clientY, moved: false }; });
wall.addEventListener("pointermove", e => {
  if (!held || !e.buttons) return;
  const dx = e.clientX - held.x, dy = e.clientY - held.y;
  if (!held.moved && Math.hypot(dx, dy) < 4) return;
  const box = wall.getBoundingClientRect();
  look(view.x - dx / box.width * view.w, view.y - dy / box.height * view.h, view.w, view.h);
  held = { x: e.clientX, y: e.clientY, moved: true };
  wall.classList.add("held");
});
wall.addEventListener("pointerup", e => {
  if (held && !held.moved) choose(e.target.closest(".note")?.id);
  held = undefined;
  wall.classList.remove("held");
});
wall.addEventListener("wheel", e => { e.preventDefault(); zoom(Math.exp(e.deltaY / 600), ...place(e)); }, { passive: false });
svg.addEventListener("focusin", e => {
  const note = e.target.closest(".note");
  if (note?.matches(":focus-visible")) show(note.id);
});
document.addEventListener("keydown", e => {
  if (e.target.closest("input")) return;
  const note = e.target.closest?.(".note");
  const step = view.w / 10, middle = [view.x + view.w / 2, view.y + view.h / 2];
  switch (e.key) {
  case "Enter": if (note) choose(note.id); break;
  case "Escape": choose(); break;
  case "+": zoom(0.8, ...middle); break;
  case "-": zoom(1.25, ...middle); break;
  case "0": shape(0, 0, size.w, size.h); break;
  case "ArrowLeft": look(view.x - step, view.y, view.w, view.h); break;
  case "ArrowRight": look(view.x + step, view.y, view.w, view.h); break;
  case "ArrowUp": look(view.x, view.y - step, view.w, view.h); break;
  case "ArrowDown": look(view.x, view.y + step, view.w, view.h); break;
  }
});

const search = document.getElementById("search"), found = document.getElementById("found");
let hits = [], at = 0;
search.addEventListener("input", () => {
  const words = search.value.normalize("NFC").toLowerCase().split(/\s+/).filter(Boolean);
  hits = [];
  for (const [id, n] of notes) {
    const text = `${n.title} ${n.name} ${n.kind} ${n.text || ""}`.normalize("NFC").toLowerCase();
    const is = words.length > 0 && words.every(w => text.includes(w));
    drawn.get(id).classList.toggle("found", is);
    if (is) hits.push(id);
  }
  svg.classList.toggle("sought", words.length > 0);
  found.textContent = words.length ? `${hits.length} found` : "";
  at = 0;
  if (hits.length) show(hits[0]);
});
search.addEventListener("keydown", e => {
  if (e.key !== "Enter" || !hits.length) return;
  at = (at + 1) % hits.length;
  show(hits[at]);
});

document.getElementById("whole").onclick = () => shape(0, 0, size.w, size.h);
addEventListener("resize", () => shape(view.x, view.y, view.w, view.h));
svg.removeAttribute("width");
svg.removeAttribute("height");
begin();
