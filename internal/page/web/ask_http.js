"use strict";
// Questions go to the server that the page came from.
async function ask(question, about) {
  const answer = await fetch(`ask/${question}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(about) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}
