"use strict";
// Questions are answered in the page itself, by esgen compiled to WebAssembly.
async function ask(question, about) {
  const { answer, error } = globalThis.esgenAsk(question, JSON.stringify(about));
  if (error) throw new Error(error);
  return JSON.parse(answer);
}
