// Runs the vectors of this folder on a ledger: node run.mjs [./career.mjs]
// The module exports `has`, the Set of its capabilities, and a class `Ledger` with
//   tell(facts, plans) -> "accepted", "refused" or "conflict"     balance(at) -> whole number
// and, if it can, lots(at) -> [[received_at, expires_at, credits], ...] in burn order.
import { readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const here = new URL(".", import.meta.url);
const module = process.argv[2] ? pathToFileURL(process.argv[2]) : new URL("career.mjs", here);
const { Ledger, has } = await import(module);
let passed = 0;
const failed = [], notAsked = [];

function wrong(plans, { steps, later }) {
  const ledger = new Ledger();
  const differs = (what, found, expected) =>
    JSON.stringify(found) === JSON.stringify(expected) ? null
      : `${what} is ${JSON.stringify(found)}, but must be ${JSON.stringify(expected)}`;
  for (const step of [...steps, ...later]) {
    const difference = step.tell
      ? differs(`what becomes of ${step.tell.map((fact) => fact.id)}`, ledger.tell(step.tell, plans), step.result)
      : differs(`the balance at ${step.ask}`, ledger.balance(step.ask), step.balance)
        ?? (step.lots && ledger.lots ? differs(`the lots at ${step.ask}`, ledger.lots(step.ask), step.lots) : null);
    if (difference) return difference;
  }
}

for (const name of readdirSync(here).filter((each) => /^[RD]\d+\.json$/.test(each)).sort()) {
  const { rule, statement, plans, cases } = JSON.parse(readFileSync(new URL(name, here), "utf8"));
  for (const each of cases) {
    const missing = each.needs.filter((need) => !has.has(need));
    const difference = missing.length ? null : wrong(plans, each);
    if (missing.length) notAsked.push(each.id);
    else if (difference) failed.push(`${rule} (${statement}), case '${each.name}': ${difference}`);
    else passed++;
  }
}
for (const line of failed) console.log(line);
console.log(`${passed} passed, ${failed.length} failed, ${notAsked.length} not asked for what they need`);
process.exitCode = failed.length ? 1 : 0;
