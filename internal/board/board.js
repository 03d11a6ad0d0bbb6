"use strict";
// The page of a board: the wall and all pictures beside it. One is in the document at a
// time: each has ids of its own.
const part = id => document.getElementById(id), shown = part("shown");
const sheets = new Map();
const put = (id, svg, notes) => {
  const option = [...shown.options].find(o => o.value === id);
  sheets.set(id, { id, title: `${option.textContent} (${option.parentElement.label})`, drawing: new Drawing(svg, notes) });
};
put("wall", part("wall").querySelector("svg"), JSON.parse(part("notes").textContent));
for (const t of document.querySelectorAll("template")) put(t.dataset.sheet, t.content.querySelector("svg"));

// of is what of the wall something is, by its id there.
const of = (sheet, id) => sheet.id === "wall" ? id : sheet.drawing.drawn.get(id).dataset.of;

// places are, of each note and context of the wall, where it is: sheet and id there.
const places = new Map();
for (const s of sheets.values()) {
  for (const id of s.drawing.drawn.keys()) {
    const what = of(s, id);
    if (!what) continue;
    if (!places.has(what)) places.set(what, new Map());
    if (!places.get(what).has(s.id)) places.get(what).set(s.id, id);
  }
}

let sheet;
const wall = new Wall({
  wall: part("wall"), about: part("about"), search: part("search"), found: part("found"), whole: part("whole"),
  more: id => {
    const what = of(sheet, id), text = document.createElement("p");
    text.textContent = sheet.id === "wall" ? "" : sheets.get("wall").drawing.notes.get(what)?.text ?? "";
    return [...text.textContent ? [text] : [], ...list("Also here", elsewhere(what))];
  },
  sought: words => {
    const others = [...sheets.values()].filter(s => s !== sheet).map(s => [s, hits(s, words)]).filter(([, n]) => n > 0);
    if (!others.length) return;
    wall.tell(`${wall.hits.length} here, more on ${others.length} other ${others.length === 1 ? "picture" : "pictures"}`, [],
      list("Found on", others.map(([s, n]) => [`${s.title} (${n})`, () => { bring(s.id); if (wall.hits.length) wall.show(wall.hits[0]); }])));
  },
});

// hits are how often the words are on a sheet, its title counted.
function hits(s, words) {
  const title = written(s.title);
  return s.drawing.find(words).length + (words.length && words.every(w => title.includes(w)) ? 1 : 0);
}

// elsewhere are the other pictures that show the same.
function elsewhere(what) {
  return [...places.get(what) ?? []].filter(([id]) => id !== sheet.id).map(([id, there]) => [sheets.get(id).title, () => go(id, there)]);
}

// bring shows another picture.
function bring(id) {
  const next = sheets.get(id) ?? sheets.get("wall");
  if (next === sheet) return;
  sheet = next;
  wall.bring(sheet.drawing);
  shown.value = sheet.id;
  if (location.hash.slice(1) !== encodeURIComponent(sheet.id)) location.hash = encodeURIComponent(sheet.id);
}

// go shows what is somewhere, and tells of it.
function go(id, what) {
  bring(id);
  wall.choose(what);
  wall.show(what);
}

// turn shows the next picture, or the one before.
function turn(by) {
  const ids = [...sheets.keys()];
  bring(ids[(ids.indexOf(sheet.id) + by + ids.length) % ids.length]);
}

document.addEventListener("keydown", e => {
  const by = { PageDown: 1, PageUp: -1 }[e.key];
  if (by && !e.target.closest?.("input, select")) turn(by);
});
shown.addEventListener("change", () => bring(shown.value));

// asked is the picture that the address names.
const asked = () => [...sheets.keys()].find(id => encodeURIComponent(id) === location.hash.slice(1));
addEventListener("hashchange", () => bring(asked()));
bring(asked());
