"use strict";
const wall = document.getElementById("wall"), about = document.getElementById("about"), shown = document.getElementById("shown");
const notes = new Map(JSON.parse(document.getElementById("notes").textContent).map(n => [n.id, n]));

// sheets are the wall and all pictures beside it. One is in the document at a time: each
// has ids of its own. what is, of each of them, what can be chosen there, by id.
const sheets = new Map();
for (const [id, svg] of [["wall", wall.querySelector("svg")], ...[...document.querySelectorAll("template")].map(t => [t.dataset.sheet, t.content.querySelector("svg")])]) {
  const box = svg.viewBox.baseVal, what = new Map([...svg.querySelectorAll("g[id]")].map(e => [e.id, e]));
  const option = [...shown.options].find(o => o.value === id);
  sheets.set(id, { id, svg, w: box.width, h: box.height, what, title: `${option.textContent} (${option.parentElement.label})` });
  svg.removeAttribute("width");
  svg.removeAttribute("height");
}

// places are, of each note and context of the wall, where else it is: sheet and id there.
const places = new Map();
for (const s of sheets.values()) {
  for (const [id, e] of s.what) {
    const of = s.id === "wall" ? id : e.dataset.of;
    if (!of) continue;
    if (!places.has(of)) places.set(of, new Map());
    if (!places.get(of).has(s.id)) places.get(of).set(s.id, id);
  }
}

let sheet = sheets.get("wall"), view;

function look(x, y, w, h) {
  sheet.view = view = { x, y, w, h };
  sheet.svg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
}

// shape makes a part of the picture as wide or high as the window, so that nothing is
// moved by where the browser would center it.
function shape(x, y, w, h) {
  const box = wall.getBoundingClientRect(), ratio = box.width / box.height;
  const wide = Math.max(w, h * ratio), high = wide / ratio;
  look(x - (wide - w) / 2, y - (high - h) / 2, wide, high);
}

// begin shows all of it, or as much of its beginning as can be read; a small one not
// larger than it is.
function begin() {
  const box = wall.getBoundingClientRect(), most = 1.3;
  const w = Math.min(sheet.w, box.width * most), h = Math.min(sheet.h, box.height * most);
  if (w < box.width && h < box.height) shape((w - box.width) / 2, Math.min(0, (h - box.height) / 2), box.width, box.height);
  else shape(0, 0, w, h);
}

// bring shows another picture.
function bring(id) {
  if (!sheets.has(id)) id = "wall";
  if (sheet.id === id && view) return;
  choose();
  sheet = sheets.get(id);
  wall.replaceChildren(sheet.svg);
  shown.value = id;
  if (location.hash.slice(1) !== encodeURIComponent(id)) location.hash = encodeURIComponent(id);
  if (sheet.view) shape(sheet.view.x, sheet.view.y, sheet.view.w, sheet.view.h);
  else begin();
  mark();
}

// go shows what is somewhere, and tells of it.
function go(id, what) {
  bring(id);
  choose(what);
  show(what);
}

function zoom(factor, cx, cy) {
  const w = Math.min(Math.max(view.w * factor, 300), 8 * Math.max(sheet.w, sheet.h));
  const by = w / view.w;
  look(cx - (cx - view.x) * by, cy - (cy - view.y) * by, w, view.h * by);
}

function place(event) {
  const box = wall.getBoundingClientRect();
  return [view.x + (event.clientX - box.left) / box.width * view.w, view.y + (event.clientY - box.top) / box.height * view.h];
}

function show(id) {
  const e = sheet.what.get(id), box = (e.querySelector("rect") || e).getBBox();
  const w = Math.min(view.w, 1400), h = w * view.h / view.w;
  look(box.x + box.width / 2 - w / 2, box.y + box.height / 2 - h / 2, w, h);
}

// list is a title with buttons: each with its text and what it does.
function list(title, buttons) {
  if (!buttons.length) return [];
  const head = document.createElement("h3"), items = document.createElement("ul");
  head.textContent = title;
  for (const [text, does] of buttons) {
    const item = document.createElement("li"), button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.onclick = does;
    item.append(button);
    items.append(item);
  }
  return [head, items];
}

const toNotes = ids => ids.map(id => [`${notes.get(id).title} (${notes.get(id).kind})`, () => go("wall", id)]);

// elsewhere are the other pictures that show the same.
function elsewhere(of) {
  return [...places.get(of) || []].filter(([id]) => id !== sheet.id).map(([id, what]) => [sheets.get(id).title, () => go(id, what)]);
}

function choose(id) {
  const svg = sheet.svg, e = sheet.what.get(id);
  for (const c of svg.querySelectorAll(".chosen, .near")) c.classList.remove("chosen", "near");
  svg.classList.toggle("chosen", Boolean(e));
  about.hidden = !e;
  if (!e) return;
  e.classList.add("chosen");
  e.classList.add("near");
  const from = [];
  for (const l of svg.querySelectorAll(".link")) {
    if (l.dataset.from !== id && l.dataset.to !== id) continue;
    l.classList.add("near");
    sheet.what.get(l.dataset.from).classList.add("near");
    sheet.what.get(l.dataset.to).classList.add("near");
    if (l.dataset.to === id) from.push(l.dataset.from);
  }
  const of = sheet.id === "wall" ? id : e.dataset.of, n = sheet.id === "wall" && notes.get(id);
  const title = document.createElement("h2"), what = document.createElement("p"), text = document.createElement("p");
  title.textContent = n ? n.title : e.getAttribute("aria-label");
  what.textContent = n ? [n.kind, n.name === n.title ? "" : n.name, n.in].filter(Boolean).join(" · ") : "";
  text.textContent = n ? n.text || "" : notes.get(of)?.text || "";
  about.replaceChildren(title, what, text, ...n ? list("Because of", toNotes(from)) : [], ...n ? list("Then", toNotes(n.leads || [])) : [], ...list("Also here", elsewhere(of)));
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
  if (held && !held.moved) choose(e.target.closest("g[tabindex]")?.id);
  held = undefined;
  wall.classList.remove("held");
});
wall.addEventListener("wheel", e => { e.preventDefault(); zoom(Math.exp(e.deltaY / 600), ...place(e)); }, { passive: false });
wall.addEventListener("focusin", e => {
  const what = e.target.closest("g[tabindex]");
  if (what?.matches(":focus-visible")) show(what.id);
});

// turn shows the next picture, or the one before.
function turn(by) {
  const ids = [...sheets.keys()];
  bring(ids[(ids.indexOf(sheet.id) + by + ids.length) % ids.length]);
}

document.addEventListener("keydown", e => {
  if (e.target.closest("input, select")) return;
  const what = e.target.closest?.("g[tabindex]");
  const step = view.w / 10, middle = [view.x + view.w / 2, view.y + view.h / 2];
  switch (e.key) {
  case "Enter": if (what) choose(what.id); break;
  case "Escape": choose(); break;
  case "PageDown": turn(1); break;
  case "PageUp": turn(-1); break;
  case "+": zoom(0.8, ...middle); break;
  case "-": zoom(1.25, ...middle); break;
  case "0": shape(0, 0, sheet.w, sheet.h); break;
  case "ArrowLeft": look(view.x - step, view.y, view.w, view.h); break;
  case "ArrowRight": look(view.x + step, view.y, view.w, view.h); break;
  case "ArrowUp": look(view.x, view.y - step, view.w, view.h); break;
  case "ArrowDown": look(view.x, view.y + step, view.w, view.h); break;
  }
});

const search = document.getElementById("search"), found = document.getElementById("found");
let words = [], hits = [], at = 0;

// says is all that is known of something on a picture, to search in.
const says = new Map();
for (const s of sheets.values()) {
  for (const [id, e] of s.what) {
    if (!e.hasAttribute("tabindex")) continue;
    const n = notes.get(s.id === "wall" ? id : "");
    says.set(e, `${n ? `${n.title} ${n.name} ${n.kind} ${n.text || ""}` : `${e.getAttribute("aria-label")} ${e.textContent}`}`.normalize("NFC").toLowerCase());
  }
}
const is = e => words.length > 0 && says.has(e) && words.every(w => says.get(e).includes(w));

// mark shows what is found on the picture, and says how much there is.
function mark() {
  hits = [];
  for (const [id, e] of sheet.what) {
    e.classList.toggle("found", is(e));
    if (is(e)) hits.push(id);
  }
  sheet.svg.classList.toggle("sought", hits.length > 0);
  at = 0;
  found.textContent = words.length ? `${hits.length} found` : "";
}

search.addEventListener("input", () => {
  choose();
  words = search.value.normalize("NFC").toLowerCase().split(/\s+/).filter(Boolean);
  mark();
  if (hits.length) show(hits[0]);
  const title = document.createElement("h2"), others = [];
  for (const s of sheets.values()) {
    const here = [...s.what.values()].filter(is).length + (words.length && words.every(w => s.title.normalize("NFC").toLowerCase().includes(w)) ? 1 : 0);
    if (here && s !== sheet) others.push([`${s.title} (${here})`, () => { bring(s.id); if (hits.length) show(hits[0]); }]);
  }
  if (!others.length) return;
  title.textContent = `${hits.length} here, more on ${others.length} other ${others.length === 1 ? "picture" : "pictures"}`;
  about.replaceChildren(title, ...list("Found on", others));
  about.hidden = false;
});
search.addEventListener("keydown", e => {
  if (e.key !== "Enter" || !hits.length) return;
  at = (at + 1) % hits.length;
  show(hits[at]);
});

shown.addEventListener("change", () => bring(shown.value));
document.getElementById("whole").onclick = () => shape(0, 0, sheet.w, sheet.h);

// asked is the picture that the address names.
const asked = () => [...sheets.keys()].find(id => encodeURIComponent(id) === location.hash.slice(1));
addEventListener("hashchange", () => bring(asked()));
addEventListener("resize", () => shape(view.x, view.y, view.w, view.h));
bring(asked());
