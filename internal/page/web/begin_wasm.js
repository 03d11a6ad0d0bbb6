"use strict";
// The program stands in the page, compressed; it is told the model, which stands beside it.
(async () => {
  say("One moment: the interpreter starts");
  try {
    const packed = Uint8Array.from(atob(part("program").textContent.trim()), c => c.charCodeAt(0));
    const program = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
    const go = new Go(), ready = new Promise(r => { globalThis.esgenReady = r; });
    const { instance } = await WebAssembly.instantiate(program, go.importObject);
    go.run(instance);
    await ready;
    const { error } = globalThis.esgenOpen(part("model").textContent);
    if (error) throw new Error(error);
    say("");
    await load();
  } catch (e) {
    say(`This browser cannot run the page: ${e.message}`, true);
  }
})();
