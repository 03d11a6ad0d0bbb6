"use strict";
// written is a text as it is sought: the same letters are the same, large or small, and
// however they are put together.
const written = text => text.normalize("NFC").toLowerCase();

// wordsOf are those of what somebody seeks.
const wordsOf = text => written(text).split(/\s+/).filter(Boolean);

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

// Drawing is a picture with what can be chosen and found on it. The view is the part of
// it that is looked at; undefined: nobody has looked yet.
class Drawing {
  // The notes are what more is known of what is drawn, each with the id that it has there.
  constructor(svg, notes = []) {
    this.svg = svg;
    this.notes = new Map(notes.map(n => [n.id, n]));
    this.drawn = new Map([...svg.querySelectorAll("g[id]")].map(e => [e.id, e]));
    this.links = [...svg.querySelectorAll(".link")];
    const { width, height } = svg.viewBox.baseVal;
    this.size = { w: width, h: height };
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    svg.setAttribute("role", "group"); // it holds what can be chosen
    this.names = new Map();
    this.texts = new Map();
    for (const [id, e] of this.drawn) this.read(id, e);
  }

  // read takes in what something on the drawing is called and says. For who hears the page
  // it is a button called what is written on it, and so for who speaks to the page.
  read(id, e) {
    const n = this.notes.get(id), name = n?.title ?? e.getAttribute("aria-label") ?? e.textContent;
    this.names.set(id, name);
    if (!e.hasAttribute("tabindex")) return;
    const tip = e.querySelector("title");
    this.texts.set(id, written(n ? `${name} ${n.name} ${n.kind} ${n.text || ""}` : `${name} ${e.textContent}`));
    e.setAttribute("role", "button");
    e.setAttribute("aria-description", tip?.textContent ?? name);
    e.removeAttribute("aria-label");
    tip?.remove();
  }

  // find are the ids of all that has each of the words.
  find(words) {
    return words.length ? [...this.texts].filter(([, text]) => words.every(w => text.includes(w))).map(([id]) => id) : [];
  }

  // box is where something lies.
  box(id) {
    const e = this.drawn.get(id);
    return (e.querySelector("rect") ?? e).getBBox();
  }

  // choose sets off one thing and what is linked to it. It returns what leads to it.
  choose(id) {
    for (const e of this.svg.querySelectorAll(".chosen, .near")) e.classList.remove("chosen", "near");
    const chosen = this.drawn.get(id), from = [];
    this.svg.classList.toggle("chosen", Boolean(chosen));
    chosen?.classList.add("chosen", "near");
    for (const l of chosen ? this.links : []) {
      if (l.dataset.from !== id && l.dataset.to !== id) continue;
      for (const e of [l, this.drawn.get(l.dataset.from), this.drawn.get(l.dataset.to)]) e.classList.add("near");
      if (l.dataset.to === id) from.push(l.dataset.from);
    }
    return from;
  }

  // mark sets off what was found.
  mark(ids) {
    const found = new Set(ids);
    for (const [id, e] of this.drawn) e.classList.toggle("found", found.has(id));
    this.svg.classList.toggle("sought", ids.length > 0);
  }
}

// Wall is where a page shows a drawing, one at a time: it is moved and zoomed, searched,
// and tells of what is chosen what leads to it and what follows.
class Wall {
  // The parts of the page: where the drawing is, what tells of what is chosen, the field
  // for what is sought, what says how many were found, and the button that shows all.
  // More is what the page adds on something that is chosen, by its id: elements. Sought
  // is called with the words when others are sought.
  constructor({ wall, about, search, found, whole, more, sought }) {
    Object.assign(this, { wall, about, search, found, more, sought });
    this.hits = [];
    this.at = 0;
    whole.addEventListener("click", () => this.whole());
    search.addEventListener("input", () => this.seek());
    search.addEventListener("keydown", e => { if (e.key === "Enter") this.next(); });
    addEventListener("resize", () => this.again());
    this.hold();
    this.keys();
  }

  // bring shows a drawing, where it was looked at before.
  bring(drawing) {
    if (this.drawing) this.choose();
    this.drawing = drawing;
    this.wall.replaceChildren(drawing.svg);
    if (drawing.view) this.again(); else this.begin();
    this.mark();
  }

  look(x, y, w, h) {
    this.drawing.view = { x, y, w, h };
    this.drawing.svg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
  }

  // shape makes a part of the drawing as wide or high as the window, so that nothing is
  // moved by where the browser would center it.
  shape(x, y, w, h) {
    const box = this.wall.getBoundingClientRect();
    if (!box.width || !box.height) return;
    const ratio = box.width / box.height;
    const wide = Math.max(w, h * ratio), high = wide / ratio;
    this.look(x - (wide - w) / 2, y - (high - h) / 2, wide, high);
  }

  // again looks at the same, in a window that may be another one.
  again() {
    const v = this.drawing?.view;
    if (v) this.shape(v.x, v.y, v.w, v.h);
  }

  // begin shows all of it, or as much of its beginning as can be read; a small one not
  // larger than it is.
  begin() {
    const box = this.wall.getBoundingClientRect(), most = 1.3, size = this.drawing.size;
    const w = Math.min(size.w, box.width * most), h = Math.min(size.h, box.height * most);
    if (w < box.width && h < box.height) this.shape((w - box.width) / 2, Math.min(0, (h - box.height) / 2), box.width, box.height);
    else this.shape(0, 0, w, h);
  }

  whole() { this.shape(0, 0, this.drawing.size.w, this.drawing.size.h); }

  zoom(factor, cx, cy) {
    const v = this.drawing.view, { w: wide, h: high } = this.drawing.size;
    const w = Math.min(Math.max(v.w * factor, 300), 8 * Math.max(wide, high)), by = w / v.w;
    this.look(cx - (cx - v.x) * by, cy - (cy - v.y) * by, w, v.h * by);
  }

  // place is where on the drawing a pointer is.
  place(event) {
    const box = this.wall.getBoundingClientRect(), v = this.drawing.view;
    return [v.x + (event.clientX - box.left) / box.width * v.w, v.y + (event.clientY - box.top) / box.height * v.h];
  }

  // show brings something into the middle.
  show(id) {
    if (!this.drawing.drawn.has(id)) return;
    const box = this.drawing.box(id), v = this.drawing.view;
    const w = Math.min(v.w, 1400), h = w * v.h / v.w;
    this.look(box.x + box.width / 2 - w / 2, box.y + box.height / 2 - h / 2, w, h);
  }

  // choose sets something off, and tells of it; undefined: nothing is chosen.
  choose(id) {
    const d = this.drawing, from = d.choose(id);
    this.about.hidden = !d.drawn.has(id);
    if (this.about.hidden) return;
    const n = d.notes.get(id), to = ids => ids.map(id => [`${d.notes.get(id).title} (${d.notes.get(id).kind})`, () => { this.choose(id); this.show(id); }]);
    const what = n ? [n.kind, n.name === n.title ? "" : n.name, n.in].filter(Boolean).join(" · ") : "";
    this.tell(d.names.get(id), [what, n?.text], [...this.more?.(id) ?? [], ...n ? [...list("Because of", to(from)), ...list("Then", to(n.leads ?? []))] : []]);
  }

  // tell says something beside the drawing: a title, paragraphs, and elements.
  tell(title, texts, elements) {
    const head = document.createElement("h2"), close = document.createElement("button");
    head.textContent = title;
    close.type = "button";
    close.className = "close";
    close.textContent = "Close";
    close.onclick = () => this.choose();
    this.about.replaceChildren(head, ...texts.filter(Boolean).map(text => { const p = document.createElement("p"); p.textContent = text; return p; }), ...elements, close);
    this.about.hidden = false;
  }

  // hold lets the drawing be moved by a pointer, and zoomed by a wheel or by two fingers.
  hold() {
    const down = new Map(); // the pointers that hold it, each with where it is
    let held; // where all of them together are, and how far apart; undefined: nobody holds it
    const grip = moved => {
      const all = [...down.values()], x = all.reduce((sum, p) => sum + p.clientX, 0) / all.length, y = all.reduce((sum, p) => sum + p.clientY, 0) / all.length;
      return all.length ? { x, y, moved, apart: all.length > 1 ? Math.hypot(all[0].clientX - all[1].clientX, all[0].clientY - all[1].clientY) : 0 } : undefined;
    };
    this.wall.addEventListener("pointerdown", e => {
      if (!this.drawing) return;
      if (e.isPrimary) down.clear(); // what was not let go here is gone
      down.set(e.pointerId, e);
      held = grip(down.size > 1);
    });
    this.wall.addEventListener("pointermove", e => {
      if (!down.has(e.pointerId) || !e.buttons) return;
      down.set(e.pointerId, e);
      const now = grip(true), dx = now.x - held.x, dy = now.y - held.y, v = this.drawing.view;
      if (!held.moved && Math.hypot(dx, dy) < 4) return;
      const box = this.wall.getBoundingClientRect();
      this.look(v.x - dx / box.width * v.w, v.y - dy / box.height * v.h, v.w, v.h);
      if (held.apart && now.apart) this.zoom(held.apart / now.apart, ...this.place({ clientX: now.x, clientY: now.y }));
      held = now;
      this.wall.classList.add("held");
    });
    const letGo = e => {
      if (e.type === "pointerup" && held && !held.moved) this.choose(e.target.closest("g[tabindex]")?.id);
      down.delete(e.pointerId);
      held = grip(true);
      if (!held) this.wall.classList.remove("held");
    };
    for (const end of ["pointerup", "pointercancel"]) this.wall.addEventListener(end, letGo);
    this.wall.addEventListener("wheel", e => {
      if (!this.drawing) return;
      e.preventDefault();
      this.zoom(Math.exp(e.deltaY / 600), ...this.place(e));
    }, { passive: false });
  }

  // keys moves and zooms by the keyboard, unless somebody writes.
  keys() {
    this.wall.addEventListener("focusin", e => {
      const thing = e.target.closest("g[tabindex]");
      if (thing?.matches(":focus-visible")) this.show(thing.id);
    });
    document.addEventListener("keydown", e => {
      if (!this.drawing || e.ctrlKey || e.metaKey || e.altKey || e.target.closest?.("input, select, textarea, dialog, [role=tab]")) return;
      if (e.key === "Escape") { this.choose(); return; }
      if ((e.target === document.body || this.wall.contains(e.target)) && this.key(e.key, e.target.closest?.("g[tabindex]"))) e.preventDefault();
    });
  }

  // key does what a key is for, with the focus on something or nothing of the drawing. It
  // returns false if the key is for nothing.
  key(name, thing) {
    const v = this.drawing.view, step = v.w / 10, middle = [v.x + v.w / 2, v.y + v.h / 2];
    const move = (dx, dy) => this.look(v.x + dx, v.y + dy, v.w, v.h);
    switch (name) {
    case "Enter": case " ": if (thing) this.choose(thing.id); return Boolean(thing);
    case "+": this.zoom(0.8, ...middle); return true;
    case "-": this.zoom(1.25, ...middle); return true;
    case "0": this.whole(); return true;
    case "ArrowLeft": move(-step, 0); return true;
    case "ArrowRight": move(step, 0); return true;
    case "ArrowUp": move(0, -step); return true;
    case "ArrowDown": move(0, step); return true;
    }
    return false;
  }

  // seek sets off all in which the words are that are sought, and shows the first.
  seek() {
    if (!this.drawing) return;
    this.choose();
    const words = this.mark();
    if (this.hits.length) this.show(this.hits[0]);
    this.sought?.(words);
  }

  // mark sets it off, and returns the words.
  mark() {
    const words = wordsOf(this.search.value);
    this.hits = this.drawing.find(words);
    this.at = 0;
    this.drawing.mark(this.hits);
    this.found.textContent = words.length ? `${this.hits.length} found` : "";
    return words;
  }

  // next shows the next one that was found.
  next() {
    if (!this.hits.length) return;
    this.at = (this.at + 1) % this.hits.length;
    this.show(this.hits[this.at]);
  }
}
