// A session of the client library of VS Code with `esgen lsp`.
const { spawn } = require("node:child_process");
const { readFileSync } = require("node:fs");
const { pathToFileURL } = require("node:url");
const assert = require("node:assert/strict");
const lsp = require("vscode-languageserver-protocol/node");

const [program, dir] = process.argv.slice(-2);
const server = spawn(program, ["lsp", "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const connection = lsp.createProtocolConnection(new lsp.StreamMessageReader(server.stdout), new lsp.StreamMessageWriter(server.stdin));

const uri = (name) => pathToFileURL(`${dir}/${name}`).href;
const documentURI = uri("esgen.yaml"), storeURI = uri("contexts/store.yaml");
const text = readFileSync(`${dir}/esgen.yaml`, "utf8");

// Strings of JavaScript are counted in UTF-16, as the protocol counts.
const positionOf = (text, what, nth = 1) => {
  let at = -1;
  for (let i = 0; i < nth; i++) at = text.indexOf(what, at + 1);
  assert.ok(at >= 0, what);
  const before = text.slice(0, at);
  return { line: before.split("\n").length - 1, character: at - (before.lastIndexOf("\n") + 1) };
};

const waiting = [];
connection.onNotification(lsp.PublishDiagnosticsNotification.type, (told) => {
  for (const one of [...waiting]) one(told);
});
const until = (of, is) =>
  new Promise((resolve, reject) => {
    const end = setTimeout(() => reject(new Error(`no such diagnostics of ${of}`)), 60_000);
    const one = (told) => {
      if (told.uri !== of || !is(told.diagnostics)) return;
      clearTimeout(end);
      waiting.splice(waiting.indexOf(one), 1);
      resolve(told.diagnostics);
    };
    waiting.push(one);
  });

(async () => {
  connection.listen();
  const started = await connection.sendRequest(lsp.InitializeRequest.type, { processId: process.pid, rootUri: pathToFileURL(dir).href, capabilities: {} });
  assert.equal(started.serverInfo.name, "esgen");
  await connection.sendNotification(lsp.InitializedNotification.type, {});
  await connection.sendNotification(lsp.DidOpenTextDocumentNotification.type, { textDocument: { uri: documentURI, languageId: "yaml", version: 1, text } });

  const textDocument = { uri: documentURI };
  const place = { textDocument, position: positionOf(text, "OrderPlaced", 2) };
  const hover = await connection.sendRequest(lsp.HoverRequest.type, place);
  assert.match(hover.contents.value, /event.*OrderPlaced[\s\S]*주문받음/);
  const [told] = await connection.sendRequest(lsp.DefinitionRequest.type, { textDocument, position: positionOf(text, "event: OrderPlaced") && positionOf(text, "OrderPlaced", 1) });
  assert.deepEqual(told.range.start, positionOf(text, "OrderPlaced", 2));
  const references = await connection.sendRequest(lsp.ReferencesRequest.type, { ...place, context: { includeDeclaration: true } });
  assert.equal(references.length, 4);
  assert.ok(references.some((r) => r.uri === storeURI));

  // The emoji before it are four code units.
  const total = positionOf(text, "total < 100");
  const field = await connection.sendRequest(lsp.HoverRequest.type, { textDocument, position: total });
  assert.deepEqual(field.range.start, total);

  const renamed = await connection.sendRequest(lsp.RenameRequest.type, { ...place, newName: "주문됨" });
  assert.deepEqual(Object.keys(renamed.changes).sort(), [storeURI, documentURI].sort());
  assert.equal(renamed.changes[documentURI].length, 3);
  await assert.rejects(connection.sendRequest(lsp.RenameRequest.type, { ...place, newName: "OrderPaid" }), /here twice/);

  // Type half an expression: an increment, as editors send it.
  const from = positionOf(text, "input.total < 100.0");
  const typed = text.replace("input.total < 100.0", "input.");
  const broken = until(documentURI, (list) => list.some((d) => d.severity === lsp.DiagnosticSeverity.Error));
  await connection.sendNotification(lsp.DidChangeTextDocumentNotification.type, {
    textDocument: { uri: documentURI, version: 2 },
    contentChanges: [{ range: { start: from, end: { line: from.line, character: from.character + "input.total < 100.0".length } }, text: "input." }],
  });
  const [error] = (await broken).filter((d) => d.severity === lsp.DiagnosticSeverity.Error);
  assert.equal(error.code, "expr-syntax");
  const offered = await connection.sendRequest(lsp.CompletionRequest.type, { textDocument, position: { line: from.line, character: from.character + 6 } });
  assert.ok(offered.items.some((i) => i.label === "total" && i.detail === "decimal"), JSON.stringify(offered));
  assert.ok(!offered.items.some((i) => i.label === "input"));

  const outline = await connection.sendRequest(lsp.DocumentSymbolRequest.type, { textDocument });
  assert.ok(JSON.stringify(outline).includes("PlaceOrder"));
  const symbols = await connection.sendRequest(lsp.WorkspaceSymbolRequest.type, { query: "OpenTicket" });
  assert.equal(symbols[0].location.uri, storeURI);

  // All is well again, and a misspelt name has its fix.
  const misspelt = typed.replace("input.", "input.totl < 100.0");
  const wrong = until(documentURI, (list) => list.some((d) => d.code === "expr-name"));
  await connection.sendNotification(lsp.DidChangeTextDocumentNotification.type, { textDocument: { uri: documentURI, version: 3 }, contentChanges: [{ text: misspelt }] });
  const diagnostics = (await wrong).filter((d) => d.code === "expr-name");
  const actions = await connection.sendRequest(lsp.CodeActionRequest.type, { textDocument, range: diagnostics[0].range, context: { diagnostics } });
  assert.equal(actions[0].edit.changes[documentURI][0].newText, "total");

  await connection.sendRequest(lsp.ShutdownRequest.type);
  const gone = new Promise((resolve) => server.on("exit", resolve));
  await connection.sendNotification(lsp.ExitNotification.type);
  assert.equal(await gone, 0);
  console.log("the session is over");
  process.exit(0);
})().catch((e) => {
  console.error(e);
  process.exit(1);
});
