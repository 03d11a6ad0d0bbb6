// Parses AsyncAPI documents and prints what is wrong with them: errors and warnings, not hints.
const { Parser, fromFile } = require('@asyncapi/parser');

(async () => {
  let wrong = 0;
  for (const file of process.argv.slice(1)) {
    const { document, diagnostics } = await fromFile(new Parser(), file).parse();
    const faults = diagnostics.filter((d) => d.severity <= 1);
    for (const d of faults) console.log(`${file}: ${d.path.join('/')}: ${d.message}`);
    if (!document || faults.length > 0) wrong++;
  }
  process.exit(wrong ? 1 : 0);
})();
