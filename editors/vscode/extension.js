// The extension starts `esgen lsp` and lets VS Code speak with it. All that is known
// of models is known there.
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function start() {
  const settings = vscode.workspace.getConfiguration("esgen");
  const model = settings.get("model");
  const server = { command: settings.get("path"), args: model ? ["lsp", model] : ["lsp"] };
  client = new LanguageClient("esgen", "esgen", server, {
    documentSelector: [{ scheme: "file", language: "yaml" }],
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.yaml") },
  });
  return client.start();
}

async function restart() {
  await client?.stop();
  await start();
}

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.commands.registerCommand("esgen.restart", restart),
    vscode.workspace.onDidChangeConfiguration((e) => e.affectsConfiguration("esgen") && restart()),
  );
  return start();
};

exports.deactivate = () => client?.stop();
