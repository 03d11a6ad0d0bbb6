"use strict";
// Wall is a board in a page: it is moved and zoomed, searched, and tells of a note
// what leads to it and what follows. What it shows is given by draw.
class Wall {
  // The parts of the page: where the board is, what tells of a note, the field for
  // what is sought, and what says how many were found.
  constructor({ wall, about, search, found, whole, chosen }) {
    Object.assign(this, { wall, about, search, found, chosen });
    this.hits = [];
    this.at = 0;
    whole.addEventListener("click", () => this.whole());
    search.addEventListener("input", () => this.seek());
    search.addEventListener("keydown", e => { if (e.key === "Enter") this.next(); });
    addEventListener("resize", () => { if (this.view) this.shape(this.view.x, this.view.y, this.view.w, this.view.h); });
    this.hold();
    this.keys();
  }

  // draw shows a picture with its notes; the part that is looked at stays if keep is true.
  draw(svg, notes, keep) {
    this.svg = svg;
    this.notes = new Map(notes.map(n => [n.id, n]));
    this.drawn = new Map([...svg.querySelectorAll(".note")].map(e => [e.id, e]));
    this.links = [...svg.querySelectorAll(".link")];
    const whole = svg.viewBox.baseVal;
    this.size = { w: whole.width, h: whole.height };
    svg.setAttribute("role", "group"); // it holds what can be chosen
    for (const e of svg.querySelectorAll("[tabindex]:not(.note)")) { e.removeAttribute("tabindex"); e.removeAttribute("role"); e.removeAttribute("aria-label"); }
    for (const [id, e] of this.drawn) {
      e.setAttribute("role", "button");
      e.removeAttribute("aria-label"); // it is called what is written on it
      e.querySelector("title")?.remove();
      e.setAttribute("aria-description", this.notes.get(id)?.kind ?? "");
    }
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    svg.addEventListener("focusin", e => {
      const note = e.target.closest(".note");
      if (note?.matches(":focus-visible")) this.show(note.id);
    });
    if (keep && this.view) this.shape(this.view.x, this.view.y, this.view.w, this.view.h); else this.begin();
    this.about.hidden = true;
    this.seek(true);
  }

  look(x, y, w, h) {
    this.view = { x, y, w, h };
    this.svg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
  }

  // shape makes a part of the board as wide or high as the window, so that nothing is
  // moved by where the browser would center it.
  shape(x, y, w, h) {
    const box = this.wall.getBoundingClientRect();
    if (!box.width || !box.height) return;
    const ratio = box.width / box.height;
    const wide = Math.max(w, h * ratio), high = wide / ratio;
    this.look(x - (wide - w) / 2, y - (high - h) / 2, wide, high);
  }

  // begin shows all of it, or as much of its beginning as can be read.
  begin() {
    const box = this.wall.getBoundingClientRect(), most = 1.3;
    this.shape(0, 0, Math.min(this.size.w, box.width * most), Math.min(this.size.h, box.height * most));
  }

  whole() { this.shape(0, 0, this.size.w, this.size.h); }

  zoom(factor, cx, cy) {
    const v = this.view, w = Math.min(Math.max(v.w * factor, 300), 8 * Math.max(this.size.w, this.size.h));
    const by = w / v.w;
    this.look(cx - (cx - v.x) * by, cy - (cy - v.y) * by, w, v.h * by);
  }

  place(event) {
    const box = this.wall.getBoundingClientRect(), v = this.view;
    return [v.x + (event.clientX - box.left) / box.width * v.w, v.y + (event.clientY - box.top) / box.height * v.h];
  }

  show(id) {
    const note = this.drawn.get(id);
    if (!note) return;
    const box = note.querySelector("rect").getBBox();
    const w = Math.min(this.view.w, 1400), h = w * this.view.h / this.view.w;
    this.look(box.x + box.width / 2 - w / 2, box.y + box.height / 2 - h / 2, w, h);
  }

  // seen tells whether a note is in the part that is looked at.
  seen(id) {
    const box = this.drawn.get(id)?.querySelector("rect").getBBox(), v = this.view;
    return Boolean(box) && box.x >= v.x && box.y >= v.y && box.x + box.width <= v.x + v.w && box.y + box.height <= v.y + v.h;
  }

  // light marks notes as those of what has just happened, one after the other.
  light(ids) {
    for (const e of this.drawn.values()) { e.classList.remove("lit"); e.classList.remove("lit-new"); }
    this.svg.classList.toggle("lit", ids.length > 0);
    const lit = new Set(ids);
    for (const l of this.links) l.classList.toggle("lit", lit.has(l.dataset.from) && lit.has(l.dataset.to));
    clearTimeout(this.timer);
    if (ids.length && !ids.some(id => this.seen(id))) this.show(ids[0]);
    const one = n => {
      if (n >= ids.length) return;
      const note = this.drawn.get(ids[n]);
      note?.classList.add("lit", "lit-new");
      this.timer = setTimeout(() => { note?.classList.remove("lit-new"); one(n + 1); }, still.matches ? 0 : 180);
    };
    one(0);
  }

  list(title, ids) {
    if (!ids.length) return [];
    const head = document.createElement("h3"), items = document.createElement("ul");
    head.textContent = title;
    for (const id of ids) {
      const item = document.createElement("li"), button = document.createElement("button");
      button.type = "button";
      button.textContent = `${this.notes.get(id).title} (${this.notes.get(id).kind})`;
      button.onclick = () => { this.choose(id); this.show(id); };
      item.append(button);
      items.append(item);
    }
    return [head, items];
  }

  choose(id) {
    for (const e of this.svg.querySelectorAll(".chosen, .near")) e.classList.remove("chosen", "near");
    this.svg.classList.toggle("chosen", Boolean(id));
    this.about.hidden = !id;
    if (!id) return;
    const n = this.notes.get(id), from = [];
    this.drawn.get(id).classList.add("chosen");
    for (const l of this.links) {
      if (l.dataset.from !== id && l.dataset.to !== id) continue;
      l.classList.add("near");
      this.drawn.get(l.dataset.from).classList.add("near");
      this.drawn.get(l.dataset.to).classList.add("near");
      if (l.dataset.to === id) from.push(l.dataset.from);
    }
    const title = document.createElement("h2"), what = document.createElement("p"), text = document.createElement("p"), close = document.createElement("button");
    title.textContent = n.title;
    what.textContent = [n.kind, n.name === n.title ? "" : n.name, n.in].filter(Boolean).join(" · ");
    text.textContent = n.text || "";
    close.type = "button";
    close.className = "close";
    close.textContent = "Close";
    close.onclick = () => this.choose();
    this.about.replaceChildren(title, what, text, ...(this.chosen?.(n) ?? []), ...this.list("Because of", from), ...this.list("Then", n.leads || []), close);
  }

  // hold lets the board be moved by a pointer, and zoomed by a wheel.
  hold() {
    let held;
    this.wall.addEventListener("pointerdown", e => { held = { x: e.clientX, y: e.clientY, moved: false }; });
    this.wall.addEventListener("pointermove", e => {
      if (!held || !e.buttons) return;
      const dx = e.clientX - held.x, dy = e.clientY - held.y, v = this.view;
      if (!held.moved && Math.hypot(dx, dy) < 4) return;
      const box = this.wall.getBoundingClientRect();
      this.look(v.x - dx / box.width * v.w, v.y - dy / box.height * v.h, v.w, v.h);
      held = { x: e.clientX, y: e.clientY, moved: true };
      this.wall.classList.add("held");
    });
    this.wall.addEventListener("pointerup", e => {
      if (held && !held.moved) this.choose(e.target.closest(".note")?.id);
      held = undefined;
      this.wall.classList.remove("held");
    });
    this.wall.addEventListener("wheel", e => { e.preventDefault(); this.zoom(Math.exp(e.deltaY / 600), ...this.place(e)); }, { passive: false });
  }

  // keys moves and zooms by the keyboard, unless somebody writes.
  keys() {
    document.addEventListener("keydown", e => {
      if (!this.view || e.ctrlKey || e.metaKey || e.altKey || e.target.closest?.("input, select, textarea, dialog, [role=tab]")) return;
      if (e.key === "Escape") { this.choose(); return; }
      const note = e.target.closest?.(".note"), v = this.view;
      if (!note && e.target !== document.body && !this.wall.contains(e.target)) return;
      const step = v.w / 10, middle = [v.x + v.w / 2, v.y + v.h / 2];
      switch (e.key) {
      case "Enter": if (note) this.choose(note.id); break;
      case "+": this.zoom(0.8, ...middle); break;
      case "-": this.zoom(1.25, ...middle); break;
      case "0": this.whole(); break;
      case "ArrowLeft": this.look(v.x - step, v.y, v.w, v.h); break;
      case "ArrowRight": this.look(v.x + step, v.y, v.w, v.h); break;
      case "ArrowUp": this.look(v.x, v.y - step, v.w, v.h); break;
      case "ArrowDown": this.look(v.x, v.y + step, v.w, v.h); break;
      default: return;
      }
      e.preventDefault();
    });
  }

  // seek marks the notes in which all words are, and shows the first.
  seek(again) {
    if (!this.svg) return;
    const words = this.search.value.normalize("NFC").toLowerCase().split(/\s+/).filter(Boolean);
    this.hits = [];
    for (const [id, n] of this.notes) {
      const text = `${n.title} ${n.name} ${n.kind} ${n.text || ""}`.normalize("NFC").toLowerCase();
      const is = words.length > 0 && words.every(w => text.includes(w));
      this.drawn.get(id).classList.toggle("found", is);
      if (is) this.hits.push(id);
    }
    this.svg.classList.toggle("sought", words.length > 0);
    this.found.textContent = words.length ? `${this.hits.length} found` : "";
    this.at = 0;
    if (this.hits.length && again !== true) this.show(this.hits[0]);
  }

  next() {
    if (!this.hits.length) return;
    this.at = (this.at + 1) % this.hits.length;
    this.show(this.hits[this.at]);
  }
}

// still says that who looks wants nothing to move.
const still = matchMedia("(prefers-reduced-motion: reduce)");
