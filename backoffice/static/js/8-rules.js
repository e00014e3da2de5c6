/* Names while a rule is typed: textarea[data-words="ID"] offers the options of the datalist ID that begin with the word
   before the caret; after a colon the parameters of the form, after list(' the options of the datalist data-lists.
   textarea[data-slots="ID"] offers the options of ID and the parameters after an opening brace alone. Arrow keys choose,
   Enter or Tab takes, Escape closes; without this script nothing is missing but the offer. */
(() => {
  const MOST = 8;
  const WORD = /(?:[a-z][a-z0-9_]*)?$/;
  const TYPED = "textarea[data-words], textarea[data-slots]";
  const PARAMETERS = "input[name^='p-'][name$='-name']";
  let list = null;

  const close = (area) => {
    list?.remove();
    list = null;
    area?.removeAttribute("aria-activedescendant");
  };

  const typed = (area) => area.value.slice(0, area.selectionStart).match(WORD)[0];

  const of = (id) => [...(document.getElementById(id)?.options ?? [])].map(({ value, textContent }) => [value, textContent]);

  const parameters = () => [...document.querySelectorAll(PARAMETERS)].map(({ value }) => value.trim())
    .filter(Boolean).map((name) => [name, ""]);

  // What may stand there, and how many letters of it must be typed before it is offered.
  const choices = (area, word) => {
    const lead = area.value.slice(0, area.selectionStart - word.length);
    if (area.dataset.slots) return lead.endsWith("{") ? [[...parameters(), ...of(area.dataset.slots)], 0] : [[], 0];
    if (/(^|[^:]):$/.test(lead)) return [parameters(), 0];
    if (/\blist\s*\(\s*'$/i.test(lead)) return [of(area.dataset.lists), 0];
    return [of(area.dataset.words), 2];
  };

  const take = (area, option) => {
    const word = typed(area);
    const at = area.selectionStart;
    const closing = area.dataset.slots && area.value[at] !== "}" ? "}" : "";
    area.setRangeText(option.dataset.value + closing, at - word.length, at, "end");
    close(area);
    area.dispatchEvent(new Event("input", { bubbles: true }));
    close(area);
  };

  const choose = (area, option) => {
    for (const one of list.children) one.setAttribute("aria-selected", String(one === option));
    area.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };

  const offer = (area) => {
    close(area);
    const word = typed(area);
    const [options, least] = choices(area, word);
    if (word.length < least) return;
    const found = options.filter(([value]) => value.startsWith(word) && value !== word).slice(0, MOST);
    if (!found.length) return;
    list = document.createElement("ul");
    list.className = "words";
    list.id = "words-offered";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", area.labels[0]?.textContent ?? "");
    found.forEach(([value, meaning], number) => {
      const item = document.createElement("li");
      const name = document.createElement("span");
      name.className = "ref";
      name.textContent = value;
      item.append(name, meaning);
      item.id = `words-offered-${number}`;
      item.dataset.value = value;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(area, item); });
      list.append(item);
    });
    area.after(list);
    area.setAttribute("aria-controls", list.id);
  };

  document.addEventListener("input", ({ target }) => { if (target.matches(TYPED)) offer(target); });
  document.addEventListener("focusout", ({ target }) => { if (target.matches(TYPED)) close(target); });
  document.addEventListener("keydown", (event) => {
    const area = event.target;
    if (!list || !area.matches(TYPED)) return;
    const items = [...list.children];
    const at = items.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(area, items[(at + step + items.length) % items.length] ?? items[0]);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      close(area);
    } else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) {
      event.preventDefault();
      take(area, items[at]);
    }
  }, true);
})();
