"use strict";
// The page of a model: its board, what is wrong with it, what is covered, and a game.
// Who plays has the steps; ask(question, about) answers what came of them.
const game = { steps: [], who: { actor: "", subject: "" }, model: null, state: null };

const tabs = new Tabs(part("tabs"), part("panels"));
const panels = {
  play: tabs.add("play", "Play"), story: tabs.add("story", "Story"), states: tabs.add("states", "States"),
  views: tabs.add("views", "Views"), problems: tabs.add("problems", "Problems"), coverage: tabs.add("coverage", "Coverage"),
};

const wall = new LitWall({
  wall: part("wall"), about: part("about"), search: part("search"), found: part("found"), whole: part("whole"),
  more: id => {
    const c = game.model.commands.find(c => c.note === id);
    return c && game.model.playable ? [button("Give this command", () => { tabs.open("play"); giveForm(c); })] : [];
  },
});

// load shows the model as it is now, and plays the same steps on it.
async function load(again) {
  try {
    game.model = await ask("model", {});
  } catch (e) {
    say(e.message, true);
    return;
  }
  document.title = game.model.title || document.title;
  part("title").textContent = document.title;
  const errors = game.model.problems.errors;
  if (game.model.notes.length || !errors || !again) { // what cannot be read keeps the board that there was
    const drawing = new Drawing(picture(game.model.picture), game.model.notes);
    drawing.view = wall.drawing?.view; // what is looked at stays
    wall.bring(drawing);
  }
  showProblems();
  showCoverage();
  if (again) say(errors ? `The model has changed, and has ${errors === 1 ? "an error" : `${errors} errors`}` : "The model has changed");
  if (!game.model.playable) {
    const why = errors ? "A model with errors is not played: mend what Problems lists." : "No command says enough to be played yet: give one an event, and its aggregate an id.";
    panels.play.replaceChildren(make("p", {}, why));
    for (const p of [panels.story, panels.states, panels.views, part("steps")]) p.replaceChildren();
    if (errors) tabs.open("problems");
    return;
  }
  if (!game.model.actors.some(a => a.name === game.who.actor)) be(game.model.actors[0]);
  await play();
}

// be makes the player somebody; undefined: the system itself.
function be(actor) { game.who = actor ? { actor: actor.name, subject: actor.subject } : { actor: "", subject: "" }; }

// play tells what is so after all steps. With lit the notes of the last one light up. One
// answer is shown before the next is asked for: the last one shown is that of now.
let shown = Promise.resolve();
function play(lit) {
  shown = shown.catch(() => {}).then(() => playNow(lit)); // what was wrong has been told
  return shown;
}

async function playNow(lit) {
  try {
    game.state = await ask("play", { steps: game.steps, who: game.who });
  } catch (e) {
    say(e.message, true);
    return false;
  }
  const s = game.state;
  if (s.error) say(s.error, true);
  showPlay();
  showStory();
  showTables(panels.states, s.states, "Nothing is there yet.");
  for (const v of s.views) if (v.seen) v.seen = Number.isNaN(Number(v.seen)) ? `not for ${game.who.actor}` : `${game.who.actor} sees ${v.seen}`;
  showTables(panels.views, s.views, "There is no view.");
  showSteps();
  const last = s.steps.at(-1);
  if (lit && last) {
    wall.light(notesIn(last.chain));
    if (!s.error) say(last.refused ? `Refused: ${last.refused}` : last.says, last.refused);
  } else if (!s.steps.length) wall.light([]);
  return !s.error;
}

// notesIn are the notes of what happened, in its order, each once.
function notesIn(chain) {
  const ids = [];
  const walk = list => { for (const e of list) { if (e.note && !ids.includes(e.note)) ids.push(e.note); walk(e.leads ?? []); } };
  walk(chain);
  return ids;
}

// take takes a step, and keeps it if it could be taken.
async function take(step) {
  game.steps.push(step);
  if (await play(true)) return true;
  const why = part("status").textContent;
  game.steps.pop();
  await play();
  say(why, true);
  return false;
}

async function back() {
  if (!game.steps.length) return;
  const said = game.state.steps.at(-1)?.says ?? "the last step";
  game.steps.pop();
  await play();
  wall.light(notesIn(game.state.steps.at(-1)?.chain ?? []));
  say(`Taken back: ${said}`);
}

async function anew() {
  game.steps = [];
  await play();
  say("Begun anew");
}

// known are ids of instances of an aggregate, by its name.
function known(aggregate) {
  const t = game.state?.states.find(t => t.name === aggregate || t.name.endsWith(`.${aggregate}`));
  return t ? t.rows.map(r => r[0]) : [];
}

function showPlay() {
  const actors = game.model.actors;
  const who = make("select", { id: "who", onchange: async e => { be(actors.find(a => a.name === e.target.value)); await play(); part("who").focus(); } },
    actors.map(a => make("option", { value: a.name }, a.title)), make("option", { value: "" }, "the system itself"));
  who.value = game.who.actor;
  const subject = make("input", { id: "subject", type: "text", autocomplete: "off", onchange: async e => { game.who.subject = e.target.value; await play(); } });
  subject.value = game.who.subject;
  const actor = actors.find(a => a.name === game.who.actor);
  const claims = actor?.claims?.length ? claimsOf(actor) : "";
  const offers = game.state.offers.map(o => [o, game.model.commands.find(c => c.name === o.command)]).filter(([, c]) => c);
  const list = make("ul", { class: "offers", "aria-label": "Commands" }, offers.map(([o, c]) =>
    make("li", {}, button(c.title, () => giveForm(c, o), { "data-command": c.name }), make("span", { class: "quiet" }, ` ${c.in}${o.ids?.length ? ` · ${o.ids.slice(0, 3).join(", ")}${o.ids.length > 3 ? " …" : ""}` : ""}`))));
  panels.play.replaceChildren(
    make("div", { class: "who" }, make("div", { class: "input" }, make("label", { for: "who" }, "I am"), who),
      actor ? make("div", { class: "input" }, make("label", { for: "subject" }, "called"), subject) : ""), claims,
    part("give") ?? make("div", { id: "give" }), make("h2", {}, "What I can do now"),
    offers.length ? list : make("p", { class: "quiet" }, "Nothing, as this one and now."), around());
}

// claimsOf is what else is claimed of who asks.
function claimsOf(actor) {
  const inputs = new Inputs(actor.claims, game.who.claims);
  inputs.element.addEventListener("change", async () => { game.who.claims = inputs.value; await play(); });
  return make("fieldset", {}, make("legend", {}, "with a token that says"), inputs.element);
}

// giveForm is the form of a command. For one to something that is there it offers what there is.
function giveForm(c, offer) {
  offer ??= game.state.offers.find(o => o.command === c.name) ?? {};
  const values = { [c.id]: c.creates ? offer.fresh : offer.ids?.[0] };
  const id = { ...c.fields[0], of: c.creates ? undefined : "" };
  const inputs = new Inputs([id, ...c.fields.slice(1)], values, known);
  const form = make("form", {
    class: "give", "aria-label": c.title, onsubmit: async e => {
      e.preventDefault();
      if (!await take({ do: c.name, with: inputs.value, who: game.who.actor ? structuredClone(game.who) : undefined })) return;
      form.remove();
      part("tab-play").focus();
    },
  }, make("h2", {}, c.title), inputs.element, offer.ids?.length > 1 ? ids(offer.ids, inputs.element, c.id) : "",
  make("div", { class: "row" }, make("button", { type: "submit", class: "main" }, "Do it"), button("Leave", () => form.remove())));
  part("give").replaceChildren(form);
  (form.querySelector("input, select") ?? form.querySelector("button")).focus();
  form.scrollIntoView({ block: "nearest" });
}

// ids are those of which a command may be asked; a click takes one.
function ids(all, into, field) {
  return make("p", { class: "ids" }, "may be: ", all.slice(0, 12).map(x => button(x, () => { into.querySelector(`[data-field="${CSS.escape(field)}"]`).value = x; })));
}

// around is what happens by itself: time passes, others tell something, or are away.
function around() {
  const s = game.state, time = make("input", { id: "time", type: "text", placeholder: "1h30m", autocomplete: "off" });
  const away = [...game.model.contexts, ...game.model.externals];
  const one = make("select", { id: "away" }, away.map(x => make("option", { value: x.name }, s.down.includes(x.name) ? `${x.title} (down)` : x.title)));
  const toggle = async () => { const name = part("away").value; await take(s.down.includes(name) ? { up: name } : { down: name }); };
  return make("details", { class: "around", open: Boolean(s.next) || game.around, ontoggle: e => { game.around = e.target.open; } }, make("summary", {}, "What happens around it"),
    make("form", { class: "row", onsubmit: e => { e.preventDefault(); if (time.value) take({ advance: time.value }); } },
      make("div", { class: "input" }, make("label", { for: "time" }, "let time pass"), time), make("button", { type: "submit" }, "Wait"),
      s.next ? button(`Until the next timer, in ${s.next}`, () => take({ advance: s.next }), { id: "timer" }) : ""),
    away.length ? make("div", { class: "row" }, make("div", { class: "input" }, make("label", { for: "away" }, "take away, or bring back"), one), button("Change", toggle)) : "",
    game.model.externals.map(x => make("div", { class: "external" }, make("h3", {}, x.title),
      (x.events ?? []).map(e => button(`tells: ${e.title}`, () => tellForm({ tell: e.name }, e))),
      (x.operations ?? []).map(o => [button(`${o.title} fails`, () => take({ script: o.name, fails: true })), o.fields.length ? button(`${o.title} answers…`, () => tellForm({ script: o.name }, o)) : button(`${o.title} works`, () => take({ script: o.name }))]))));
}

// tellForm is the form of what another system says.
function tellForm(step, about) {
  const inputs = new Inputs(about.fields, {}, known);
  const form = make("form", { class: "give", "aria-label": about.title, onsubmit: async e => { e.preventDefault(); if (await take({ ...step, with: inputs.value })) form.remove(); } },
    make("h2", {}, about.title), inputs.element, make("div", { class: "row" }, make("button", { type: "submit", class: "main" }, "Let it be so"), button("Leave", () => form.remove())));
  part("give").replaceChildren(form);
  (form.querySelector("input, select") ?? form.querySelector("button")).focus();
}

function showStory() {
  const s = game.state;
  const steps = s.steps.map((t, i) => make("li", {}, make("b", {}, t.says), t.refused ? make("p", { class: "bad" }, `Refused: ${t.refused}`) : "", t.trouble ? make("p", { class: "bad" }, t.trouble) : "", tree(t.chain),
    button("Show on the board", () => wall.light(notesIn(t.chain)), { class: "small", "aria-label": `Show on the board: step ${i + 1}` })));
  panels.story.replaceChildren(
    steps.length ? make("ol", { class: "story" }, steps) : make("p", { class: "quiet" }, "Nothing was played yet."),
    ...s.waiting.length ? [make("h2", {}, "Waits"), make("ul", {}, s.waiting.map(x => make("li", {}, x)))] : [],
    ...s.calls.length ? [make("h2", {}, "What other systems were asked"), make("ul", {}, s.calls.map(x => make("li", {}, x)))] : []);
}

function tree(chain) {
  return chain.length ? make("ul", { class: "tree" }, chain.map(e => make("li", {},
    make("span", { class: `kind ${e.kind}` }, e.kind), " ", e.note ? button(e.name, () => { wall.choose(e.note); wall.show(e.note); }, { class: "link" }) : e.name,
    e.values ? make("span", { class: "quiet" }, ` ${e.values}`) : "", e.says ? make("i", {}, ` — ${e.says}`) : "", tree(e.leads ?? [])))) : "";
}

function showTables(panel, tables, none) {
  panel.replaceChildren(...tables.length ? tables.map(t => table(t, t.of > 0)) : [make("p", { class: "quiet" }, none)]);
}

function showSteps() {
  const s = game.state, n = s.steps.length;
  part("steps").replaceChildren(make("span", { id: "now" }, `${s.now} · ${n} ${n === 1 ? "step" : "steps"}${s.down.length ? ` · down: ${s.down.join(", ")}` : ""}`),
    button("Step back", back, { id: "back", disabled: !n }), button("Begin anew", anew, { id: "anew", disabled: !n }), button("Save as a scenario", saveForm, { id: "save", disabled: !n }));
}

function showProblems() {
  const p = game.model.problems, n = p.diagnostics.length;
  tabs.title("problems", n ? `Problems (${n})` : "Problems");
  panels.problems.replaceChildren(n ? make("ul", { class: "problems" }, p.diagnostics.map(d => make("li", {},
    make("span", { class: `severity ${d.severity}` }, d.severity), " ", d.message, make("p", { class: "quiet" }, `${d.path ?? ""}${d.line ? `:${d.line}:${d.column}` : ""} [${d.rule}]`),
    (d.related ?? []).map(r => make("p", { class: "quiet" }, `${r.path ?? ""}:${r.line ?? ""} ${r.message}`)), d.suggestion ? make("p", {}, `→ ${d.suggestion}`) : ""))) : make("p", {}, "check finds nothing."));
}

function showCoverage() {
  const c = game.model.coverage;
  if (!c) {
    panels.coverage.replaceChildren(make("p", { class: "quiet" }, "Nobody knows while the model has errors."));
    return;
  }
  const share = (s, what) => make("div", { class: "share" }, make("label", {}, `${what}: ${s.covered} of ${s.of}`, make("progress", { max: String(Math.max(s.of, 1)), value: String(s.of ? s.covered : 1) })));
  const open = (title, list, of) => { const rest = list.filter(x => !x.scenarios.length); return rest.length ? [make("h2", {}, title), make("ul", {}, rest.map(x => make("li", {}, of(x))))] : []; };
  panels.coverage.replaceChildren(share(c.covered.requirements, "requirements"), share(c.covered.slices, "slices"), share(c.covered.notes, "notes"),
    ...open("Requirements without a scenario", c.requirements, r => `${r.name}: ${r.text}`), ...open("Slices without a scenario", c.slices, s => `${s.actors.join(", ")}: ${s.title || s.command}`),
    ...open("Notes that no scenario touches", c.notes, n => `${n.kind} ${n.title || n.name}`));
}

// saveForm asks what the scenario is called, and shows how it is written.
function saveForm() {
  const dialog = part("dialog"), name = make("input", { id: "scenario", type: "text", autocomplete: "off", required: true });
  const covers = game.model.requirements.map(r => ({ r, box: make("input", { type: "checkbox", id: `covers-${r.name}` }) }));
  const out = make("div", { id: "saved", "aria-live": "polite" });
  const form = make("form", {
    onsubmit: async e => {
      e.preventDefault();
      try {
        const saved = await ask("save", { steps: game.steps, name: name.value, covers: covers.filter(c => c.box.checked).map(c => c.r.name) });
        out.replaceChildren(make("p", {}, saved.written ? `Written to ${saved.file}; it holds.` : `This belongs into ${saved.file}; it holds.`), make("pre", { tabindex: "0", "aria-label": "The scenario" }, saved.text),
          ...saved.content ? [button(`Download ${saved.file}`, () => download(saved.file, saved.content))] : []);
        out.scrollIntoView({ block: "start" });
        say(saved.written ? `Saved to ${saved.file}` : "The scenario is ready");
      } catch (e) {
        out.replaceChildren(make("p", { class: "bad" }, e.message));
      }
    },
  }, make("h2", { id: "dialog-title" }, "Save as a scenario"), make("div", { class: "input" }, make("label", { for: "scenario" }, "The sentence that people say"), name),
  covers.length ? make("fieldset", {}, make("legend", {}, "It is an example of"), covers.map(c => make("div", { class: "box" }, c.box, make("label", { for: c.box.id }, `${c.r.name}: ${c.r.title}`)))) : "",
  make("div", { class: "row" }, make("button", { type: "submit", class: "main" }, "Save"), button("Close", () => dialog.close())), out);
  dialog.replaceChildren(form);
  dialog.showModal();
  name.focus();
}

function download(file, content) {
  const url = URL.createObjectURL(new Blob([content], { type: "text/plain" }));
  make("a", { href: url, download: file.split("/").at(-1) }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
