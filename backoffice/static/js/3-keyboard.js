/* Shortcuts. Letters act outside of fields, without Ctrl, Alt or Meta, and read by the character they produce.

     data-key="a"          this link, button or field is reached by the letter (tell aria-keyshortcuts the same)
     data-label="..."      its words in the list of shortcuts, when its own text is not enough
     data-go="q"           a place of the navigation: g then q
     data-why="..."        why a disabled button cannot be used; said when its letter is pressed

   house.keys.set("j", {label, run}) adds a key that belongs to no button; run() returns false when it did nothing.
   The list that "?" opens is made from what is on the page at that moment. body[data-shortcuts="off"] turns all off. */
(() => {
  const PATIENCE = 1500;
  let going = 0;

  const open = () => [...document.querySelectorAll("dialog[open]")].at(-1) ?? null;
  const usable = (element) => house.visible(element) && !element.closest("[hidden], [inert]");
  const find = (letter) => {
    const scope = open() ?? document;
    return [...scope.querySelectorAll("[data-key]")].find((element) => element.dataset.key === letter && usable(element));
  };

  const press = (element) => {
    if (element.matches(":disabled, [aria-disabled=true]")) {
      const why = element.dataset.why || element.title;
      if (why) house.say(why, "warn");
      return;
    }
    // A choice is reached, not made: its letter alone must not pick the first one.
    if (house.inField(element) || element.matches("[type=radio]")) {
      element.focus();
      element.select?.();
      return;
    }
    element.click();
    if (element.matches("details[open] > summary")) element.parentElement.querySelector("select, textarea, input:not([type=hidden])")?.focus();
  };

  const go = (letter) => document.querySelector(`[data-go="${CSS.escape(letter)}"]`)?.click();

  const escape = () => {
    const at = document.activeElement;
    const drop = document.querySelector("details.drop[open]");
    if (drop) {
      drop.open = false;
      drop.querySelector("summary").focus();
    } else if (house.inField(at)) at.blur();
    else house.keys.get("Escape")?.run();
  };

  /* What scrolls is inside of the page: as long as nothing has the focus, the browser's own keys would reach nothing. */
  const scroll = (key, back) => {
    const place = document.getElementById("content");
    if (!place || document.activeElement !== document.body || open()) return false;
    const page = place.clientHeight * 0.9;
    const steps = { PageDown: page, PageUp: -page, " ": back ? -page : page, ArrowDown: 40, ArrowUp: -40, Home: -place.scrollHeight, End: place.scrollHeight };
    if (!(key in steps)) return false;
    place.scrollBy({ top: steps[key] });
    return true;
  };

  addEventListener("keydown", (event) => {
    if (event.isComposing || event.repeat && !["j", "k", "ArrowDown", "ArrowUp", "PageDown", "PageUp", " "].includes(event.key)) return;
    const at = document.activeElement;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && at?.form && at.matches("textarea, input, select")) {
      event.preventDefault();
      at.form.requestSubmit(at.form.querySelector("[data-send]"));
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") {
      if (!open()) escape();
      return;
    }
    if (!house.keys.has(event.key) && scroll(event.key, event.shiftKey)) {
      event.preventDefault();
      return;
    }
    // A field of a dialog that has just closed keeps the focus until the next frame.
    if (document.body.dataset.shortcuts === "off" || house.inField(at) && house.visible(at)) return;
    if (going && Date.now() - going < PATIENCE) {
      going = 0;
      event.preventDefault();
      go(event.key);
      return;
    }
    going = 0;
    if (event.key === "g" && !open() && document.querySelector("[data-go]")) {
      going = Date.now();
      event.preventDefault();
      return;
    }
    const element = find(event.key);
    if (element) {
      event.preventDefault();
      press(element);
      return;
    }
    const own = open() ? null : house.keys.get(event.key);
    if (own && own.run(event) !== false) event.preventDefault();
  });

  /* The list of what works here and now */
  const text = (element) => {
    const copy = element.cloneNode(true);
    for (const part of copy.querySelectorAll("kbd, .n, svg")) part.remove();
    return (element.dataset.label || element.getAttribute("aria-label") || copy.textContent).trim().replace(/\s+/g, " ");
  };
  const line = (label, keys) => {
    const row = document.createElement("div");
    const name = document.createElement("dt");
    const caps = document.createElement("dd");
    name.textContent = label;
    for (const key of keys) {
      const cap = document.createElement("kbd");
      cap.textContent = key;
      caps.append(cap);
    }
    row.append(name, caps);
    return row;
  };
  const NAMES = { ArrowDown: "\u2193", ArrowUp: "\u2191", Enter: house.word("enter"), Escape: "Esc", X: `${house.word("shift")} x` };

  const help = () => {
    const list = document.querySelector("[data-shortcuts-list]");
    const rows = [];
    const seen = new Set();
    for (const [key, { label, hidden }] of house.keys) {
      if (!hidden && label) rows.push(line(label, [NAMES[key] ?? key]));
      seen.add(key);
    }
    for (const element of document.querySelectorAll("[data-key]")) {
      const key = element.dataset.key;
      if (seen.has(key) || !usable(element)) continue;
      seen.add(key);
      rows.push(line(key === "/" ? house.word("search") : text(element), [key]));
    }
    for (const link of document.querySelectorAll("[data-go]")) {
      if (link.dataset.go) rows.push(line(`${house.word("goTo")} ${text(link.querySelector(".name") ?? link)}`, ["g", link.dataset.go]));
    }
    list?.replaceChildren(...rows);
    document.getElementById("shortcuts")?.showModal();
  };

  addEventListener("DOMContentLoaded", () => {
    if (document.getElementById("words")) house.keys.set("Escape", { label: house.word("escape"), run: () => house.clear?.() });
    document.querySelector("[data-help]")?.addEventListener("click", help);
  });
})();
