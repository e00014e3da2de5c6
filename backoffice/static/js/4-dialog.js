/* Pages that open over the page.

     <a href="/payment/7/reject/" data-dialog>   opens that page in the dialog; the view answers with its content alone
                                                 (templates that {% extends frame %} do). Without scripts it is a page.
     data-dialog="#id"                           shows a dialog that is on the page already
     data-dialog-close                           closes the dialog around it; a link goes nowhere

   Forms inside may carry hx-post with hx-target="#dialog-body": 422 shows them again, HX-Trigger "dialog-close" closes.
   The focus returns to what opened the dialog. */
(() => {
  let opener = null;
  const box = () => document.getElementById("dialog");

  const settle = () => {
    const dialog = box();
    const title = dialog.querySelector("h1, h2");
    if (title) title.id = "dialog-title";
    if (!dialog.open) dialog.showModal();
    (dialog.querySelector("[autofocus]") ?? dialog.querySelector("[data-focus], textarea, select, input:not([type=hidden])"))?.focus();
  };

  const load = async (link) => {
    opener = document.activeElement;
    const failed = () => location.assign(link.href);
    try {
      const answer = await fetch(link.href, { headers: { "HX-Request": "true", "HX-Target": "dialog-body" }, redirect: "follow" });
      if (answer.status === 401 || answer.redirected) return failed();
      const text = await answer.text();
      if (!answer.ok) {
        const said = new DOMParser().parseFromString(text, "text/html").querySelector(".toast > span");
        return said ? house.say(said.textContent, "stop") : failed();
      }
      const body = document.getElementById("dialog-body");
      body.innerHTML = text;
      htmx.process(body);
      settle();
    } catch {
      failed();
    }
  };

  addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const closing = event.target.closest?.("[data-dialog-close]");
    if (closing?.closest("dialog")) {
      event.preventDefault();
      closing.closest("dialog").close();
      return;
    }
    const link = event.target.closest?.("[data-dialog]");
    if (!link || link.matches("[aria-disabled=true]")) return;
    if (link.dataset.dialog) {
      document.querySelector(link.dataset.dialog)?.showModal();
      event.preventDefault();
    } else if (link.href && box()) {
      event.preventDefault();
      load(link);
    }
  });

  /* A disabled link stays readable and says why. */
  addEventListener(
    "click",
    (event) => {
      const blocked = event.target.closest?.("a[aria-disabled=true], button[aria-disabled=true]");
      if (!blocked) return;
      event.preventDefault();
      event.stopPropagation();
      if (blocked.dataset.why || blocked.title) house.say(blocked.dataset.why || blocked.title, "warn");
    },
    true,
  );

  document.addEventListener("dialog-close", () => box()?.close());
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "dialog-body") settle();
  });

  addEventListener("DOMContentLoaded", () => {
    for (const dialog of document.querySelectorAll("dialog.box")) {
      dialog.addEventListener("click", (event) => {
        if (event.target === dialog && !dialog.querySelector("textarea, input:not([type=hidden])")) dialog.close();
      });
    }
    box()?.addEventListener("close", () => {
      if (box().open) return; // opened again before this was told
      document.getElementById("dialog-body").replaceChildren();
      if (opener?.isConnected) opener.focus();
      else document.querySelector("tr[aria-selected=true] a")?.focus();
      opener = null;
    });
  });
})();
