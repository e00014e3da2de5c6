/* Passing messages. At most three; ten seconds each, and as long as the pointer or the focus is on them.
   The server writes them into #toasts (components/toast.html); house.say() makes one here. */
(() => {
  const LIFE = 10000;
  const MOST = 3;
  const region = () => document.getElementById("toasts");

  const leave = (toast) => {
    if (toast.matches(":hover, :focus-within")) setTimeout(() => leave(toast), 1000);
    else toast.remove();
  };

  const begin = (toast) => {
    if (toast.dataset.begun) return;
    toast.dataset.begun = "1";
    if (toast.dataset.toast !== "stay") setTimeout(() => leave(toast), LIFE);
    const all = [...region().querySelectorAll("[data-toast]")];
    for (const old of all.slice(0, Math.max(0, all.length - MOST))) old.remove();
  };

  house.say = (text, tone = "", action = null) => {
    const toast = document.createElement("div");
    toast.className = `toast ${tone}`;
    toast.dataset.toast = action ? "stay" : "";
    const said = document.createElement("span");
    said.textContent = text;
    const drawn = document.getElementById("words")?.content.querySelector(`[data-tone="${tone}"] svg`);
    toast.append(drawn ? document.importNode(drawn, true) : document.createElement("span"), said);
    if (action) {
      const link = document.createElement("a");
      link.href = action.url;
      link.textContent = action.label;
      if (action.tab) link.target = "_blank";
      toast.append(link);
    } else toast.append(document.createElement("span"));
    const close = document.createElement("button");
    close.type = "button";
    close.className = "close";
    close.dataset.close = "";
    close.setAttribute("aria-label", house.word("dismiss"));
    close.textContent = "\u00d7";
    toast.append(close);
    region()?.append(toast);
  };

  addEventListener("click", (event) => event.target.closest?.("[data-close]")?.closest("[data-toast]")?.remove());
  /* HX-Trigger: {"toast": {"text": "Approved", "tone": "", "url": "...", "label": "Undo"}} */
  document.addEventListener("toast", (event) =>
    house.say(event.detail.text, event.detail.tone, event.detail.url ? { url: event.detail.url, label: event.detail.label } : null),
  );

  addEventListener("DOMContentLoaded", () => {
    const place = region();
    if (!place) return;
    for (const toast of place.querySelectorAll("[data-toast]")) begin(toast);
    new MutationObserver(() => place.querySelectorAll("[data-toast]").forEach(begin)).observe(place, { childList: true });
  });
})();
