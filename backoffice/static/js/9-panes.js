/* Two lists side by side: what is chosen of each, and what they come to.

     form[data-panes][data-currency]    its tables have data-list and data-pane="lines" or "items", rows data-signed
     [data-total="lines|items|difference"]   says the sums of what is ticked
     [data-take-row]                    a button that acts on the row that is selected when none is ticked

   Tab goes from a row of the first list to the second one, Shift+Tab from there back; elsewhere it does what it does. */
(() => {
  const panes = () => [...document.querySelectorAll("form[data-panes] table[data-pane]")];
  const active = () => document.querySelector("table[data-list][data-at]");

  const total = (name) => {
    let sum = 0n;
    for (const row of document.querySelectorAll(`table[data-pane="${name}"] tr[data-signed]`)) {
      if (!row.querySelector("input[type=checkbox]")?.checked) continue;
      const [whole, part = ""] = row.dataset.signed.replace("-", "").split(".");
      const units = BigInt(whole) * 100000n + BigInt(part.padEnd(5, "0").slice(0, 5));
      sum += row.dataset.signed.startsWith("-") ? -units : units;
    }
    return sum;
  };
  const said = (sum, currency) => {
    const size = sum < 0n ? -sum : sum;
    const language = document.documentElement.lang === "fr" ? "fr-FR" : "en-GB";
    return new Intl.NumberFormat(language, { style: "currency", currency, minimumFractionDigits: 2 }).format(`${sum < 0n ? "-" : ""}${size / 100000n}.${String(size % 100000n).padStart(5, "0")}`);
  };
  const recount = () => {
    const form = document.querySelector("form[data-panes]");
    if (!form) return;
    const sums = { lines: total("lines"), items: total("items") };
    sums.difference = sums.lines - sums.items;
    for (const place of document.querySelectorAll("[data-total]")) place.textContent = said(sums[place.dataset.total], form.dataset.currency);
  };

  const go = (to) => {
    for (const table of panes()) table.toggleAttribute("data-at", table === to);
    house.select(to.querySelector('tr[aria-selected="true"]') ?? to.querySelector("tr[data-row]"));
  };
  const change = (event) => {
    const [first, second] = panes();
    const at = document.activeElement;
    if (!second?.querySelector("tr[data-row]") || !first.querySelector("tr[data-row]")) return false;
    if (!event.shiftKey && (first.contains(at) || (at === document.body && active() === first))) return go(second);
    if (event.shiftKey && second.contains(at)) return go(first);
    return false;
  };

  document.addEventListener("house:counted", recount);
  addEventListener("click", (event) => {
    const table = event.target.closest?.("form[data-panes] table[data-pane]");
    if (table) for (const other of panes()) other.toggleAttribute("data-at", other === table);
    const button = event.target.closest?.("[data-take-row]");
    if (button && !button.form.querySelector("tbody input[type=checkbox]:checked")) {
      const box = button.form.querySelector('tr[aria-selected="true"] input[type=checkbox]');
      if (box) box.checked = true;
    }
  }, true);
  addEventListener("DOMContentLoaded", () => {
    const [first] = panes();
    if (!first) return;
    first.toggleAttribute("data-at", true);
    house.keys.set("Tab", { label: "", hidden: true, run: change });
    recount();
  });
})();
