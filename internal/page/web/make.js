"use strict";
// make makes an element: what it has, and what is in it. Texts become texts, never markup.
function make(name, has, ...inside) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(has ?? {})) {
    if (key.startsWith("on")) e.addEventListener(key.slice(2), value);
    else if (key in e && typeof value !== "string") e[key] = value;
    else if (value !== undefined) e.setAttribute(key, value);
  }
  e.append(...inside.flat().filter(x => x !== undefined && x !== null && x !== ""));
  return e;
}

const part = id => document.getElementById(id);

// button is one that does something.
const button = (text, does, has) => make("button", { type: "button", onclick: does, ...has }, text);

// say tells somebody who watches, or listens, what has happened.
function say(text, bad) {
  const status = part("status");
  status.textContent = text;
  status.classList.toggle("bad", Boolean(bad));
}

// picture is an SVG of the board as an element. Its style sheet becomes one of the
// page: a page that allows no style of others would not take it in the picture.
const sheets = new CSSStyleSheet();
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheets];
function picture(text) {
  const svg = document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
  const style = svg.querySelector("style");
  sheets.replaceSync(style?.textContent ?? "");
  style?.remove();
  return svg;
}

// table is what there is of something: columns and rows of texts.
function table(t, opened) {
  const head = make("thead", {}, make("tr", {}, t.columns.map(c => make("th", { scope: "col" }, c))));
  const body = make("tbody", {}, t.rows.map(r => make("tr", {}, r.map((cell, i) => make(i ? "td" : "th", i ? {} : { scope: "row" }, cell)))));
  const more = t.of > t.rows.length ? make("p", { class: "quiet" }, `and ${t.of - t.rows.length} more`) : "";
  return make("details", { open: opened, class: "table" },
    make("summary", {}, make("b", {}, t.title), ` ${t.in} · ${t.of}`, t.seen ? make("span", { class: "quiet" }, ` · ${t.seen}`) : ""),
    t.rows.length ? make("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": t.title }, make("table", {}, head, body)) : "", more);
}

// Tabs are panels of which one is seen, as the pattern of WAI-ARIA has them.
class Tabs {
  constructor(list, panels) {
    this.list = list;
    this.panels = panels;
    this.all = [];
    list.addEventListener("keydown", e => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key], now = this.all.findIndex(t => t.tab === document.activeElement);
      if (!by || now < 0) return;
      const next = this.all[(now + by + this.all.length) % this.all.length];
      this.open(next.name);
      next.tab.focus();
      e.preventDefault();
    });
  }

  add(name, title) {
    const panel = make("div", { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}`, tabindex: "0", hidden: true });
    const tab = button(title, () => this.open(name), { role: "tab", id: `tab-${name}`, "aria-controls": panel.id, "aria-selected": "false", tabindex: "-1" });
    this.all.push({ name, tab, panel });
    this.list.append(tab);
    this.panels.append(panel);
    if (this.all.length === 1) this.open(name);
    return panel;
  }

  open(name) {
    for (const t of this.all) {
      const is = t.name === name;
      t.panel.hidden = !is;
      t.tab.setAttribute("aria-selected", String(is));
      t.tab.tabIndex = is ? 0 : -1;
    }
  }

  title(name, text) { this.all.find(t => t.name === name).tab.textContent = text; }
}
