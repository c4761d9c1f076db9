// A small ledger for the plan career alone, in order of time: enough for the vectors that need nothing more.
// Instants are the texts of the vectors, which sort as they are.
const shifted = (at, change) => {
  const date = new Date(at.slice(0, 23) + "Z");
  change(date);
  return date.toISOString().slice(0, 23) + at.slice(23);
};
const in90Days = (at) => shifted(at, (date) => date.setTime(date.getTime() + 90 * 86_400_000));
const monthsAfter = (at, months) => shifted(at, (date) => {
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + months, 1);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));  // the 31st returns after a short month (D5)
});

export const has = new Set();  // none of the capabilities that a ledger may leave out

export class Ledger {
  startedAt = null;
  back = [];              // instants at which a credit came back
  spent = [];             // instants at which one was spent
  open = new Map();       // message id -> whether its credit may still come back

  left(at) {
    const received = [...this.back];
    for (let month = 0; this.startedAt && monthsAfter(this.startedAt, month) <= at; month++)
      received.push(...Array(3).fill(monthsAfter(this.startedAt, month)));
    received.sort();
    for (const when of this.spent)
      received.splice(received.findIndex((each) => each <= when && when < in90Days(each)), 1);
    return received.filter((each) => each <= at && at < in90Days(each)).length;
  }

  tell([fact]) {
    const known = this.open.has(fact.message_id);
    if (fact.type === "subscribed" && !this.startedAt) this.startedAt = fact.at;
    else if (fact.type === "sent" && !known && this.left(fact.at) > 0) {
      this.spent.push(fact.at);
      this.open.set(fact.message_id, true);
    } else if ((fact.type === "replied" || fact.type === "withdrawn") && known) {
      if (fact.type === "replied" && this.open.get(fact.message_id)) this.back.push(fact.at);
      this.open.set(fact.message_id, false);
    } else return "refused";
    return "accepted";
  }

  balance(at) { return this.left(at); }
}
