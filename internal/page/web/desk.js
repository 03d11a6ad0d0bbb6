"use strict";
// The desk of a system that runs: be an actor, give commands, see what happens, decide
// about what is parked. ask(question, about) is answered by what runs the system.
const desk = { model: null, who: { actor: "", subject: "" }, views: [], events: [], acted: new Map() };

const tabs = new Tabs(part("tabs"), part("panels"));
const panels = {
  act: tabs.add("act", "Act"), events: tabs.add("events", "Events"), views: tabs.add("views", "Views"), parked: tabs.add("parked", "Parked"),
  calls: tabs.add("calls", "Calls"), system: tabs.add("system", "System"),
};

const wall = new LitWall({
  wall: part("wall"), about: part("about"), search: part("search"), found: part("found"), whole: part("whole"),
  more: id => {
    const c = desk.model.commands.find(c => c.note === id);
    return c ? [button("Give this command", () => { tabs.open("act"); giveForm(c); })] : [];
  },
});

async function load() {
  desk.model = await ask("model", {});
  document.title = desk.model.title || "esgen";
  part("title").textContent = document.title;
  wall.bring(new Drawing(picture(desk.model.picture), desk.model.notes));
  be(desk.model.actors[0]);
  panels.views.replaceChildren(make("div", { id: "queries" }), make("div", { id: "seen" }));
  showAct();
  showEvents();
  showSystem();
  await follow();
}

function be(actor) { desk.who = actor ? { actor: actor.name, subject: desk.acted.get(actor.name) ?? actor.subject } : { actor: "", subject: "" }; }

// follow looks at what changes: the views of the actor, what is parked, what others were
// asked. One look is over before the next begins: the last one shown is that of now.
let following, looking = false, again = false;
async function follow() {
  again = true;
  if (looking) return;
  looking = true;
  while (again) {
    again = false;
    await lookAround();
  }
  looking = false;
  clearTimeout(following);
  following = setTimeout(follow, 2000);
}

async function lookAround() {
  const part = async (question, show) => { try { show(await ask(question, { who: desk.who.actor ? desk.who : undefined })); } catch { /* the system is not there now: the next look tells */ } };
  await Promise.all([part("views", showViews), part("parked", showParked), part("calls", showCalls)]);
}

function showAct() {
  showQueries();
  const actors = desk.model.actors;
  const who = make("select", { id: "who", onchange: e => { be(actors.find(a => a.name === e.target.value)); showAct(); part("who").focus(); follow(); } }, actors.map(a => make("option", { value: a.name }, a.title)));
  who.value = desk.who.actor;
  const subject = make("input", { id: "subject", type: "text", autocomplete: "off", onchange: e => { desk.who.subject = e.target.value; desk.acted.set(desk.who.actor, e.target.value); follow(); } });
  subject.value = desk.who.subject;
  const actor = actors.find(a => a.name === desk.who.actor);
  const list = desk.model.commands.filter(c => (c.actors ?? []).includes(desk.who.actor));
  panels.act.replaceChildren(
    make("div", { class: "who" }, make("div", { class: "input" }, make("label", { for: "who" }, "I am"), who), make("div", { class: "input" }, make("label", { for: "subject" }, "called"), subject)),
    actor?.claims?.length ? claimsOf(actor) : "", part("give") ?? make("div", { id: "give" }), part("answer") ?? make("div", { id: "answer", "aria-live": "polite" }), make("h2", {}, "What I may ask for"),
    list.length ? make("ul", { class: "offers", "aria-label": "Commands" }, list.map(c => make("li", {}, button(c.title, () => giveForm(c), { "data-command": c.name }), make("span", { class: "quiet" }, ` ${c.in}`)))) : make("p", { class: "quiet" }, "Nothing, as this one."));
}

function claimsOf(actor) {
  const inputs = new Inputs(actor.claims, desk.who.claims);
  inputs.element.addEventListener("change", () => { desk.who.claims = inputs.value; follow(); });
  return make("fieldset", {}, make("legend", {}, "with a token that says"), inputs.element);
}

// formOf is a form of a kind for what can be asked of the system; done is called with its inputs.
function formOf(kind, asked, says, done) {
  const inputs = new Inputs(asked.fields, {});
  const form = make("form", {
    class: kind, "aria-label": asked.title, onsubmit: async e => {
      e.preventDefault();
      try {
        await done(inputs, form);
      } catch (e) {
        say(e.message, true);
      }
      follow();
    },
  }, make("h2", {}, asked.title), inputs.element, make("div", { class: "row" }, make("button", { type: "submit", class: "main" }, says), button("Leave", () => form.remove())));
  return form;
}

function begin(form) {
  (form.querySelector("input, select") ?? form.querySelector("button")).focus();
  form.scrollIntoView({ block: "nearest" });
}

function giveForm(c) {
  const form = formOf("give", c, "Do it", async (inputs, form) => {
    wall.light([]);
    const done = await ask("do", { do: c.name, with: inputs.value, who: desk.who });
    part("answer").replaceChildren(...answered(c, done, inputs));
    if (done.done) { form.remove(); part("tab-act").focus(); }
  });
  part("give").replaceChildren(form);
  begin(form);
}

// answered tells what was answered, or why it was refused and what is wrong of what was said.
function answered(asked, done, inputs) {
  const p = done.problem, first = p?.errors?.[0];
  say(`${asked.title}: ${first ? `${first.field || first.pointer} ${first.message}` : p ? p.detail || p.title || p.code : done.status}`, !done.done);
  inputs.blame(p?.errors ?? []);
  const head = make("p", { class: done.done ? "good" : "bad" }, `${asked.title}: ${done.done ? "done" : "refused"} (${done.status})`);
  if (!p) return [head, done.says ? make("pre", { tabindex: "0", "aria-label": "The answer" }, done.says) : ""];
  return [head, make("p", {}, make("b", {}, p.title || p.code)), p.detail ? make("p", {}, p.detail) : "",
    p.errors?.length ? make("ul", {}, p.errors.map(e => make("li", {}, make("code", {}, e.pointer || "the whole"), ` ${e.message}`))) : "",
    make("p", { class: "quiet" }, p.code, p.traceId ? [" · ", traceOf(p.traceId)] : "")];
}

// traceOf is the id of a trace; where somebody collects them, it leads there.
function traceOf(id) {
  const page = desk.model.traces;
  return page?.includes("{id}") ? link(`trace ${id}`, page.replaceAll("{id}", id)) : `trace ${id}`;
}

const link = (text, href) => make("a", { href, target: "_blank", rel: "noreferrer" }, text);

// showQueries are the questions that the actor may ask.
function showQueries() {
  const list = desk.model.queries.filter(q => q.actors.includes(desk.who.actor));
  part("queries").replaceChildren(list.length ? make("ul", { class: "offers queries", "aria-label": "Queries" }, list.map(q => make("li", {}, button(q.title, () => askForm(q), { "data-query": q.name }), make("span", { class: "quiet" }, ` ${q.in}`)))) : "",
    make("div", { id: "ask" }), make("div", { id: "rows", "aria-live": "polite" }));
}

function askForm(q) {
  const form = formOf("ask", q, "Ask", async inputs => {
    const done = await ask("query", { do: q.name, with: inputs.value, who: desk.who });
    part("rows").replaceChildren(...done.table ? [table(done.table, true), done.table.rows.length ? "" : make("p", { class: "quiet" }, "No row is like this.")] : answered(q, done, inputs));
    if (done.table) { inputs.blame([]); say(`${q.title}: ${done.table.rows.length === 1 ? "a row" : `${done.table.rows.length} rows`}`); }
  });
  part("ask").replaceChildren(form);
  begin(form);
}

// happened is an event that has come from the broker.
let lit = [], unlit;
function happened(e) {
  desk.events = [e, ...desk.events].slice(0, 200);
  if (e.note) lit.push(e.note);
  clearTimeout(unlit);
  wall.light([...new Set(lit)]);
  unlit = setTimeout(() => { lit = []; }, 5000);
  showEvents();
  follow();
}

function showEvents() {
  panels.events.replaceChildren(desk.events.length ? make("ul", { class: "story" }, desk.events.map(e => make("li", {},
    make("span", { class: "kind event" }, "event"), " ", e.note ? button(e.type, () => { wall.choose(e.note); wall.show(e.note); }, { class: "link" }) : e.type,
    make("p", { class: "quiet" }, `${e.time} · ${e.subject}`, e.trace ? [" · ", traceOf(e.trace)] : ""), make("pre", { tabindex: "0", "aria-label": `${e.type} of ${e.subject}` }, e.data)))) : make("p", { class: "quiet" }, "Nothing has happened since this page is open."));
}

function showViews(views) {
  if (same("views", views)) return;
  part("seen").replaceChildren(...views.length ? views.map(v => table(v, true)) : [make("p", { class: "quiet" }, `${desk.who.actor} may look at no view.`)]);
}

// same tells whether something is shown already: what does not change keeps the focus.
const before = {};
function same(what, now) {
  const text = JSON.stringify(now), is = before[what] === text;
  before[what] = text;
  return is;
}

function showParked(list) {
  if (same("parked", list)) return;
  tabs.title("parked", list.length ? `Parked (${list.length})` : "Parked");
  const decide = (m, what) => async () => {
    try {
      await ask(what, { service: m.service, id: m.id });
      say(what === "replay" ? "Handled again" : "Forgotten");
    } catch (e) {
      say(e.message, true);
    }
    follow();
  };
  panels.parked.replaceChildren(list.length ? make("ul", { class: "story" }, list.map(m => make("li", {}, make("b", {}, m.type || "a message that cannot be read"),
    make("p", { class: "quiet" }, `${m.service} · ${m.handler || "nobody"} · ${m.key} · ${m.reason}, ${m.attempts} tries`), make("p", {}, m.error),
    make("div", { class: "row" }, button("Replay", decide(m, "replay"), { "data-replay": String(m.id) }), button("Skip", decide(m, "skip")))))) : make("p", { class: "quiet" }, "No message waits for a decision."));
}

function showCalls(answer) {
  const calls = answer.calls ?? [];
  if (same("calls", calls)) return;
  panels.calls.replaceChildren(calls.length ? make("ul", { class: "story" }, calls.slice(-50).reverse().map(c => make("li", {}, make("pre", { tabindex: "0", "aria-label": "A call" }, JSON.stringify(c, null, 1))))) : make("p", { class: "quiet" }, "No other system was asked."));
}

function showSystem() {
  const printed = part("printed"), traces = desk.model.traces?.replace(/\/[^/]*\{id\}.*$/, "/");
  printed.hidden = false;
  printed.tabIndex = 0;
  panels.system.replaceChildren(make("p", {}, "The gateway: ", link(desk.model.gateway, desk.model.gateway)), make("h2", {}, "Services"),
    make("ul", {}, desk.model.services.map(s => make("li", {}, `${s.title} `, link(`metrics of ${s.name}`, s.metrics), " ", link(`readiness of ${s.name}`, s.ready)))),
    traces || desk.model.traced ? make("p", {}, "Traces: ", traces ? link(traces, traces) : "", desk.model.traced ? make("span", { class: "quiet" }, ` sent to ${desk.model.traced}`) : "") : "",
    make("h2", {}, "Requests to try"), printed);
}

load().catch(e => say(e.message, true));
new EventSource("changes").addEventListener("happened", e => happened(JSON.parse(e.data)));
