/* What the other scripts share, and how htmx behaves here.

   Every action of the product is a link or a form; scripts only make it faster. Markup the scripts know:
     data-until            a <time> that counts down (text and class of its .sla), data-since counts up
     data-here             a hidden field that always holds the present address
     data-focus            takes the focus when it appears (summary of errors, banners of a conflict)
     data-copy             copies its text when it is clicked
   The words that scripts say are attributes of <template id="words">. */
const house = { keys: new Map() };

(() => {
  const words = document.getElementById("words");

  house.word = (name, values = {}) =>
    (words?.dataset[name] ?? "").replace(/\{(\w+)\}/g, (_all, key) => values[key] ?? "");

  house.cookie = (name) =>
    document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

  house.visible = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";

  house.inField = (element) =>
    element instanceof HTMLElement &&
    (element.isContentEditable ||
      element.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])"));

  /* The address tells the truth: a parameter changes without a new entry in the history. */
  house.remember = (name, value) => {
    const here = new URL(location.href);
    if (value) here.searchParams.set(name, value);
    else here.searchParams.delete(name);
    history.replaceState(history.state, "", here);
    house.noteAddress();
  };
  house.noteAddress = () => {
    for (const field of document.querySelectorAll("input[data-here]")) field.value = location.pathname + location.search;
  };

  /* Durations, said as the server says them. */
  house.span = (seconds) => {
    const left = Math.abs(Math.trunc(seconds));
    if (left < 60) return house.word("second", { n: left });
    if (left < 3600) return house.word("minute", { n: Math.floor(left / 60) });
    if (left < 86400) return house.word("hour", { h: Math.floor(left / 3600), m: String(Math.floor((left % 3600) / 60)).padStart(2, "0") });
    return house.word("day", { n: Math.floor(left / 86400) });
  };
  const set = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  house.tick = () => {
    const now = Date.now();
    for (const time of document.querySelectorAll("time[data-until]")) {
      const left = (Date.parse(time.dateTime) - now) / 1000;
      set(time, (left < 0 ? "\u2212" : "") + house.span(left));
      const box = time.closest(".sla");
      if (box) {
        box.classList.toggle("late", left < 0);
        box.classList.toggle("soon", left >= 0 && left < 1800);
      }
    }
    for (const time of document.querySelectorAll("time[data-since]")) {
      set(time, time.dataset.since.replace("{span}", house.span((now - Date.parse(time.dateTime)) / 1000)));
    }
  };

  const focusNew = (root) => root.querySelector?.("[data-focus]")?.focus();

  addEventListener("DOMContentLoaded", () => {
    if (words) {
      house.tick();
      setInterval(house.tick, 1000);
    }
    focusNew(document);
  });

  addEventListener("click", (event) => {
    const copied = event.target.closest?.("[data-copy]");
    if (copied) navigator.clipboard?.writeText(copied.dataset.copy || copied.textContent.trim());
  });

  /* One click sends a form once, even when the answer is slow. */
  addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post]")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
    setTimeout(() => delete form.dataset.sent, 8000);
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    }
  });

  /* htmx: the token with each request, refusals to the polite region, nothing lost when the server is away. */
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = house.cookie("csrftoken");
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status >= 400 && xhr.getResponseHeader("HX-Retarget")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => focusNew(event.detail.target));
  document.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    if (status === 401) house.say(house.word("signedOut"), "warn", { url: house.word("signInUrl"), label: house.word("signIn"), tab: true });
    else if (status >= 500 || status === 0) house.say(house.word("lost"), "stop");
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => house.say(house.word("lost"), "stop"));
  }
  document.addEventListener("htmx:pushedIntoHistory", house.noteAddress);
  document.addEventListener("htmx:replacedInHistory", house.noteAddress);
})();
