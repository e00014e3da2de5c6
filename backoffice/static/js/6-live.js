/* Live parts. Nothing moves under the hand.

     [data-live]            this page refreshes itself: every data-live-every seconds (10) while it is visible it asks
                            for data-live-url (default: its own address) as htmx would, with If-None-Match
     tr[data-row] in it     present rows change in place and never move; a row that left gets .gone; new rows wait
                            behind "n new, show"
     [data-live-part][id]   any other part of the page is replaced by the answer's part of the same id, unless the
                            focus is in it. When the answer's [data-live] says data-live="off" refreshing ends.
     [data-live-state]      the button of the top bar: Live, Paused, Late, Offline; a click refreshes now */
(() => {
  const SLOWEST = 120000;
  let timer = 0;
  let failures = 0;
  let tag = "";
  let waitingRows = null;
  let answeredAt = Date.now();

  const root = () => document.querySelector('[data-live]:not(template, [data-live="off"])');
  const button = () => document.querySelector("[data-live-state]");
  const body = () => root()?.querySelector("table[data-list] tbody") ?? document.querySelector("table[data-list] tbody");

  const tell = () => {
    const at = button();
    if (!at) return;
    at.hidden = !root();
    const state = !navigator.onLine ? "offline" : document.hidden ? "paused" : failures > 1 || Date.now() - answeredAt > 30000 ? "late" : "live";
    if (at.dataset.state === state) return;
    at.dataset.state = state;
    at.querySelector(".word").textContent = house.word(state);
  };

  const attributes = (from, to) => {
    for (const { name, value } of from.attributes) if (!["aria-selected", "tabindex"].includes(name)) to.setAttribute(name, value);
  };
  const sameRow = (present, fresh) => {
    const box = present.querySelector('input[type="checkbox"]');
    const ticked = box?.checked;
    const focused = present.contains(document.activeElement);
    const selected = present.getAttribute("aria-selected");
    fresh.setAttribute("aria-selected", selected ?? "false");
    if (present.dataset.html === fresh.innerHTML) return;
    const html = fresh.innerHTML;
    attributes(fresh, present);
    present.innerHTML = html;
    present.dataset.html = html;
    const again = present.querySelector('input[type="checkbox"]');
    if (again && !again.disabled) again.checked = ticked;
    if (focused) present.querySelector("a[href]")?.focus({ preventScroll: true });
  };

  const takeRows = (answer) => {
    const place = body();
    if (!place) return;
    const fresh = new Map([...answer.querySelectorAll("tr[data-row]")].map((row) => [row.dataset.row, row]));
    const present = [...place.querySelectorAll("tr[data-row]")];
    if (!fresh.size && !present.length) return;
    for (const row of present) {
      const found = fresh.get(row.dataset.row);
      if (found) sameRow(row, found);
      else if (!row.classList.contains("gone")) row.classList.add("gone");
    }
    const known = new Set(present.map((row) => row.dataset.row));
    const newer = [...fresh.keys()].filter((key) => !known.has(key)).length;
    waitingRows = newer ? [...fresh.values()] : null;
    bar(newer);
  };

  const bar = (count) => {
    let place = document.querySelector(".newer");
    if (!count) return place?.remove();
    if (!place) {
      place = document.createElement("div");
      place.className = "newer";
      place.setAttribute("role", "status");
      place.append(document.createElement("button"));
      place.firstChild.type = "button";
      place.firstChild.addEventListener("click", house.showNewer);
      body().closest("table").before(place);
    }
    const text = count === 1 ? house.word("newerOne") : house.word("newerMany", { n: count });
    if (place.firstChild.textContent !== text) place.firstChild.textContent = text;
  };

  /* The waiting rows, in the server's order; ticks and selection are kept. */
  house.showNewer = () => {
    const place = body();
    if (!waitingRows || !place) return;
    const present = new Map([...place.querySelectorAll("tr[data-row]")].map((row) => [row.dataset.row, row]));
    place.replaceChildren(...waitingRows.map((row) => present.get(row.dataset.row) ?? document.importNode(row, true)));
    htmx.process(place);
    waitingRows = null;
    bar(0);
    house.recount?.();
  };

  const takeParts = (answer) => {
    for (const part of document.querySelectorAll("[data-live-part][id]")) {
      const fresh = answer.getElementById(part.id);
      if (!fresh || part.contains(document.activeElement) || fresh.outerHTML === part.outerHTML) continue;
      part.replaceWith(fresh);
      htmx.process(fresh);
    }
    const ended = answer.querySelector("[data-live]")?.dataset.live === "off";
    if (ended) root()?.setAttribute("data-live", "off");
  };

  const refresh = async () => {
    clearTimeout(timer);
    const live = root();
    if (!live) return tell();
    if (document.hidden || !navigator.onLine) return tell();
    try {
      const headers = { "HX-Request": "true", "X-Live": "1", ...(tag ? { "If-None-Match": tag } : {}) };
      const answer = await fetch(live.dataset.liveUrl || location.href, { headers, cache: "no-store", redirect: "error", signal: AbortSignal.timeout(15000) });
      if (answer.status === 401) {
        live.setAttribute("data-live", "off");
        house.say(house.word("signedOut"), "warn", { url: house.word("signInUrl"), label: house.word("signIn"), tab: true });
        return tell();
      }
      if (answer.status !== 304 && !answer.ok) throw new Error(String(answer.status));
      if (answer.status === 200) {
        tag = answer.headers.get("ETag") ?? "";
        const parsed = new DOMParser().parseFromString(`<!doctype html><body>${wrapped(await answer.text())}`, "text/html");
        takeRows(parsed);
        takeParts(parsed);
        house.tick();
      }
      failures = 0;
      answeredAt = Date.now();
    } catch {
      failures += 1;
    }
    tell();
    again();
  };
  /* Rows alone are no valid document: the parser drops a tr outside of a table. */
  const wrapped = (text) => (/^\s*<tr[\s>]/.test(text) ? `<table><tbody>${text}</tbody></table>` : text);

  const again = () => {
    const live = root();
    if (!live) return;
    const every = 1000 * Number(live.dataset.liveEvery || 10);
    timer = setTimeout(refresh, Math.min(every * 2 ** Math.max(0, failures - 1), SLOWEST));
  };
  house.refresh = refresh;

  addEventListener("DOMContentLoaded", () => {
    if (!root()) return tell();
    for (const row of body()?.querySelectorAll("tr[data-row]") ?? []) row.dataset.html = row.innerHTML;
    tell();
    again();
    button()?.addEventListener("click", refresh);
    addEventListener("online", refresh);
    addEventListener("offline", tell);
    document.addEventListener("visibilitychange", () => (document.hidden ? tell() : refresh()));
    setInterval(tell, 5000);
  });
})();
