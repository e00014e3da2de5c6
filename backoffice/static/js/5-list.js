/* Lists: one selected row, its pane, and the rows that are ticked.

     <table class="grid" data-list>              j and k move, Enter opens; the row is in the address as ?row=
     <tr data-row="118842" data-pane-url="...">  the first link of the row opens its object
     <aside class="pane" id="pane">              receives data-pane-url after 120 ms of rest (its whole element)
     input[name=ids]                             x ticks, Shift+x ticks up to here; [data-select-all] in the head
     [data-selection] (hidden)                   the bar of what is ticked; [data-selection-count], [data-selection-sum]
                                                 say how many and how much (tr data-amount and data-currency)
     [data-without-selection]                    what that bar replaces
     table[data-at]                              of two lists, the one that keys act on (9-panes.js) */
(() => {
  const REST = 120;
  let waiting = 0;
  let lastTicked = null;

  const table = () => document.querySelector("table[data-list][data-at]") ?? document.querySelector("table[data-list]");
  const rows = () => [...(table()?.querySelectorAll("tbody tr[data-row]") ?? [])].filter((row) => !row.hidden);
  const chosen = () => table()?.querySelector('tbody tr[aria-selected="true"]') ?? null;
  const linkOf = (row) => row?.querySelector("a[href]");
  const pane = () => document.getElementById("pane");
  const tick = (row) => row?.querySelector('input[type="checkbox"][name]');

  const show = (row) => {
    clearTimeout(waiting);
    const url = row.dataset.paneUrl;
    if (!url || !pane()) return;
    waiting = setTimeout(() => htmx.ajax("GET", url, { target: "#pane", swap: "outerHTML", source: row }), REST);
  };

  /* Over the list on narrow screens; classes set before htmx has settled would be lost. */
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt?.id === "pane" && chosen()) pane().classList.add("open");
  });

  house.select = (row, { load = true, focus = true } = {}) => {
    if (!row) return;
    for (const other of table().querySelectorAll('tr[aria-selected="true"]')) {
      if (other !== row) other.setAttribute("aria-selected", "false");
    }
    row.setAttribute("aria-selected", "true");
    row.scrollIntoView({ block: "nearest" });
    if (focus) linkOf(row)?.focus({ preventScroll: true });
    if (row.dataset.row) house.remember("row", row.dataset.row);
    if (load) show(row);
  };

  const move = (step) => {
    const all = rows();
    if (!all.length) return false;
    const at = all.indexOf(chosen());
    house.select(all[Math.min(Math.max(at + step, 0), all.length - 1)] ?? all[0]);
    return true;
  };
  const arrows = (step) => {
    const at = document.activeElement;
    return at === document.body || at?.matches("#main, #content") || table()?.contains(at) ? move(step) : false;
  };

  /* Ticks */
  const sums = (ticked) => {
    const totals = new Map();
    for (const { dataset } of ticked) {
      if (dataset.amount) totals.set(dataset.currency, (totals.get(dataset.currency) ?? 0n) + cents(dataset.amount));
    }
    const language = document.documentElement.lang === "fr" ? "fr-FR" : "en-GB";
    return [...totals].map(([currency, total]) => new Intl.NumberFormat(language, { style: "currency", currency, minimumFractionDigits: 2 }).format(`${total / 100000n}.${String(total % 100000n).padStart(5, "0")}`)).join(" + ");
  };
  const cents = (amount) => {
    const [whole, part = ""] = amount.split(".");
    return BigInt(whole) * 100000n + BigInt(part.padEnd(5, "0").slice(0, 5));
  };
  const recount = () => {
    const ticked = rows().filter((row) => tick(row)?.checked);
    for (const bar of document.querySelectorAll("[data-selection]")) bar.hidden = !ticked.length;
    for (const bar of document.querySelectorAll("[data-without-selection]")) bar.hidden = ticked.length > 0;
    for (const place of document.querySelectorAll("[data-selection-count]")) place.textContent = ticked.length;
    for (const place of document.querySelectorAll("[data-selection-sum]")) place.textContent = sums(ticked);
    const all = document.querySelector("[data-select-all]");
    const possible = rows().filter((row) => tick(row) && !tick(row).disabled);
    if (all) {
      all.checked = ticked.length > 0 && ticked.length === possible.length;
      all.indeterminate = ticked.length > 0 && ticked.length < possible.length;
    }
    document.dispatchEvent(new Event("house:counted"));
  };
  const set = (row, on) => {
    const box = tick(row);
    if (box && !box.disabled) box.checked = on;
  };
  const toggle = () => {
    const row = chosen();
    if (!tick(row)) return false;
    set(row, !tick(row).checked);
    lastTicked = row;
    recount();
    return true;
  };
  const range = (to = chosen()) => {
    const all = rows();
    const [from, end] = [all.indexOf(lastTicked), all.indexOf(to)];
    if (end < 0 || !tick(to)) return false;
    for (const row of all.slice(Math.min(from < 0 ? end : from, end), Math.max(from, end) + 1)) set(row, true);
    lastTicked = to;
    recount();
    return true;
  };
  house.recount = recount;

  house.clear = () => {
    if (pane()?.classList.contains("open") && getComputedStyle(pane()).position !== "static") pane().classList.remove("open");
    for (const row of rows()) set(row, false);
    recount();
    linkOf(chosen())?.focus();
  };

  addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) for (const row of rows()) set(row, event.target.checked);
    else if (!event.target.closest("tr[data-row]")) return;
    else lastTicked = event.target.closest("tr[data-row]");
    recount();
  });

  addEventListener("click", (event) => {
    if (event.target.closest?.("[data-pane-close]")) house.clear();
    const row = event.target.closest?.("table[data-list] tr[data-row]");
    if (!row || event.defaultPrevented || getSelection().toString()) return;
    const box = event.target.closest('input[type="checkbox"]');
    if (box && event.shiftKey && lastTicked) range(row);
    if (event.target.closest("a, button, input, label, select, summary")) return;
    if (innerWidth <= 760 || !row.dataset.paneUrl) linkOf(row)?.click();
    else house.select(row);
  });
  addEventListener("dblclick", (event) => {
    const row = event.target.closest?.("table[data-list] tr[data-row]");
    if (row && !event.target.closest("a, button, input, label")) linkOf(row)?.click();
  });

  addEventListener("DOMContentLoaded", () => {
    const list = table();
    if (!list) return;
    if (list.querySelector("tr[data-pane-url]")) {
      list.setAttribute("role", "grid");
      for (const row of rows()) if (!row.hasAttribute("aria-selected")) row.setAttribute("aria-selected", "false");
    }
    house.keys.set("j", { label: house.word("next"), run: () => move(1) });
    house.keys.set("k", { label: house.word("previous"), run: () => move(-1) });
    house.keys.set("ArrowDown", { label: "", run: () => arrows(1) });
    house.keys.set("ArrowUp", { label: "", run: () => arrows(-1) });
    house.keys.set("Enter", {
      label: house.word("open"),
      run: () => (document.activeElement?.matches("a, button, summary, input") ? false : (linkOf(chosen())?.click(), Boolean(chosen()))),
    });
    if (list.querySelector('tbody input[type="checkbox"][name]')) {
      house.keys.set("x", { label: house.word("select"), run: toggle });
      house.keys.set("X", { label: house.word("range"), run: () => range() });
    }
    recount();
  });
})();
