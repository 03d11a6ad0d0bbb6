"use strict";
// Inputs are those of fields, as the model has them. Its value has what somebody wrote;
// what is left empty is not said.
class Inputs {
  // Ids offers ids of an aggregate, by its name.
  constructor(fields, values, ids) {
    this.parts = fields.map(f => ({ field: f, input: inputOf(f, values?.[f.name], ids) }));
    this.element = make("div", { class: "inputs" }, this.parts.map(p => p.input.element));
  }

  get value() {
    const out = {};
    for (const p of this.parts) {
      const value = p.input.value;
      if (value !== undefined) out[p.field.name] = value;
    }
    return out;
  }

  // blame marks the fields that something is wrong with: faults are messages with fields.
  blame(faults) {
    for (const e of this.element.querySelectorAll("[aria-invalid]")) { e.removeAttribute("aria-invalid"); e.removeAttribute("title"); }
    for (const f of faults) {
      const input = this.parts.find(p => p.field.name === f.field)?.input.element.querySelector("input, select");
      if (input) { input.setAttribute("aria-invalid", "true"); input.title = f.message; }
    }
  }
}

let inputs = 0; // how many there were: each has an id of its own

const like = { int: "12", decimal: "12.50", date: "2026-12-31", time: "2026-12-31T09:00:00Z", duration: "1h30m" };

function inputOf(f, value, ids) {
  switch (f.kind) {
  case "object": return objectInput(f, value, ids);
  case "list": return listInput(f, value, ids);
  case "map": return mapInput(f, ids);
  }
  const id = `input-${++inputs}`;
  let input;
  if (f.kind === "enum" || f.kind === "bool") {
    const options = f.kind === "bool" ? [{ name: "true", title: "yes" }, { name: "false", title: "no" }] : f.options;
    input = make("select", { id }, make("option", { value: "" }, "—"), options.map(o => make("option", { value: o.name }, o.title)));
    if (!f.optional && !f.unsaid && f.kind === "enum") input.value = options[0].name;
  } else {
    input = make("input", { id, type: "text", autocomplete: "off", spellcheck: false, placeholder: like[f.kind] ?? "" });
    if (f.kind === "int" || f.kind === "decimal") input.setAttribute("inputmode", "decimal");
    const known = f.of ? ids?.(f.of) ?? [] : [];
    if (known.length) {
      const list = make("datalist", { id: `${id}-known` }, known.map(x => make("option", { value: x })));
      input.setAttribute("list", list.id);
      input.after(list);
      input.known = list;
    }
  }
  input.dataset.field = f.name;
  if (value !== undefined) input.value = value;
  const label = make("label", { for: id }, f.title || f.name || "value", make("span", { class: "quiet" }, ` ${f.type}${f.optional ? ", may be left out" : ""}`));
  return {
    element: make("div", { class: "input" }, label, input, input.known ?? ""),
    get value() { return input.value === "" ? undefined : input.value; },
  };
}

// Of an object that may be left out nothing is said before somebody says something.
function objectInput(f, value, ids) {
  const unsaid = f.optional || f.unsaid, inner = new Inputs((f.fields ?? []).map(x => ({ ...x, unsaid })), value, ids);
  return {
    element: make("fieldset", {}, make("legend", {}, f.title || f.type), inner.element),
    get value() { const v = inner.value; return Object.keys(v).length || !unsaid ? v : undefined; },
  };
}

function listInput(f, value, ids) {
  const items = [], list = make("div", {});
  const add = v => {
    const input = inputOf({ ...f.fields[0], title: `${f.title || "item"} ${items.length + 1}` }, v, ids);
    const row = make("div", { class: "item" }, input.element, button("Remove", () => { items.splice(items.indexOf(input), 1); row.remove(); }, { "aria-label": `Remove ${f.title || "item"}` }));
    items.push(input);
    list.append(row);
  };
  for (const v of value ?? (f.optional || f.unsaid || !f.fields?.length ? [] : [undefined])) add(v);
  return {
    element: make("fieldset", {}, make("legend", {}, `${f.title} (${f.type})`), list, f.fields?.length ? button("Add", () => add(), { "aria-label": `Add to ${f.title}` }) : ""),
    get value() {
      const all = items.map(i => i.value).filter(v => v !== undefined);
      return all.length || !f.unsaid ? all : undefined;
    },
  };
}

function mapInput(f, ids) {
  const items = [], list = make("div", {});
  const add = () => {
    const key = inputOf({ kind: "text", name: "key", title: "key", type: "string" }), input = inputOf({ ...f.fields[0], title: "value" }, undefined, ids);
    items.push({ key, input });
    list.append(make("div", { class: "item" }, key.element, input.element));
  };
  return {
    element: make("fieldset", {}, make("legend", {}, `${f.title} (${f.type})`), list, button("Add", add, { "aria-label": `Add to ${f.title}` })),
    get value() {
      const out = {};
      for (const i of items) if (i.key.value !== undefined) out[i.key.value] = i.input.value;
      return Object.keys(out).length || !(f.optional || f.unsaid) ? out : undefined;
    },
  };
}
