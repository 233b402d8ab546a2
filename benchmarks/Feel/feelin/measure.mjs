// Measures feelin on the cases given on standard input and prints nanoseconds per operation as JSON.
// Parsing is kept out where a case says "evaluate": feelin has no call for that, so its own module is loaded with its
// interpreter exported as well. Nothing else of it is changed.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { dirname, join } from 'node:path';

const dist = join(dirname(fileURLToPath(import.meta.url)), 'node_modules/feelin/dist');
const opened = join(dist, 'opened.js');
writeFileSync(opened, readFileSync(join(dist, 'index.js'), 'utf8') + '\nexport { interpreter, InterpreterContext, coerceContext };\n');
const feelin = await import(pathToFileURL(opened).href);
const work = JSON.parse(readFileSync(0, 'utf8'));

const compile = (text, context) => feelin.interpreter.evaluate(text, context, undefined, new feelin.InterpreterContext()).root;
const compileTests = (text, context) => feelin.interpreter.unaryTest(text, context, undefined, new feelin.InterpreterContext()).root;

function measure(expected, operation) {
  const got = JSON.stringify(operation());
  if (got !== JSON.stringify(expected)) throw new Error(`feelin gave ${got}, expected ${JSON.stringify(expected)}`);
  const until = performance.now() + work.warmUpMs;
  while (performance.now() < until) operation();
  let count = 1;
  for (;;) {
    const from = performance.now();
    for (let i = 0; i < count; i++) operation();
    if (performance.now() - from > work.roundMs) break;
    count *= 2;
  }
  let best = Infinity;
  for (let round = 0; round < work.rounds; round++) {
    const from = performance.now();
    for (let i = 0; i < count; i++) operation();
    best = Math.min(best, (performance.now() - from) * 1e6 / count);
  }
  return best;
}

const context = JSON.parse(work.variables);
const bound = feelin.coerceContext(context);
const root = compile(work.expression, bound);

// Every distinct text of the table is parsed once; a rule is left at its first test that fails.
const row = feelin.coerceContext(JSON.parse(work.tableVariables));
const inputs = work.inputs.map(text => compile(text, row));
const rules = work.rules.map(rule => ({ tests: rule.tests.map(text => text === '-' ? null : compileTests(text, row)), result: compile(rule.result, row) }));
function table() {
  const values = inputs.map(input => input(row));
  for (const rule of rules) {
    if (rule.tests.every((test, i) => test === null || test(row)(values[i]) === true)) return rule.result(row);
  }
  return null;
}
function tableFromText() {
  const values = work.inputs.map(text => feelin.evaluate(text, row).value);
  for (const rule of work.rules) {
    if (rule.tests.every((text, i) => text === '-' || feelin.unaryTest(text, { ...row, '?': values[i] }).value === true)) return feelin.evaluate(rule.result, row).value;
  }
  return null;
}

console.log(JSON.stringify({
  version: JSON.parse(readFileSync(join(dist, '../package.json'), 'utf8')).version,
  node: process.version,
  bound: measure(work.expected, () => root(bound)),
  json: measure(work.expected, () => root(feelin.coerceContext(context))),
  text: measure(work.expected, () => root(feelin.coerceContext(JSON.parse(work.variables)))),
  parse: measure(work.expected, () => feelin.evaluate(work.expression, context).value),
  table: measure(work.tableExpected, table),
  tableParse: measure(work.tableExpected, tableFromText),
}));
