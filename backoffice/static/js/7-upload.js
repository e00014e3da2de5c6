/* Files: dropped anywhere on the page or chosen, several at once, each sent by itself with its progress.

     <form data-upload enctype="multipart/form-data"> with an input[type=file] and, inside, a .drop-zone
     <ul class="uploads" data-uploads>           where each file tells its progress

   One file: the page that the server answers with opens. Several: each gets a link. Refusals are said beside the file. */
(() => {
  const form = () => document.querySelector("form[data-upload]");
  const list = () => document.querySelector("[data-uploads]");

  const line = (file) => {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const state = document.createElement("span");
    const progress = document.createElement("progress");
    name.textContent = file.name;
    state.textContent = house.word("sending");
    state.className = "sub";
    progress.className = "meter";
    progress.max = 1;
    progress.value = 0;
    progress.setAttribute("aria-label", file.name);
    item.append(name, state, progress);
    list()?.append(item);
    return { item, state, progress };
  };

  /* Why it was refused, in the server's words, with the link to the first one when the file was seen before. */
  const refusal = (text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const places = [".summary li > span", ".toast > span", ".faults li", "h1"];
    const said = places.map((place) => page.querySelector(place)).find((found) => found?.textContent.trim());
    return said ? [...said.childNodes] : [house.word("lost")];
  };

  const send = (file) =>
    new Promise((done) => {
      const { item, state, progress } = line(file);
      const data = new FormData(form());
      const field = form().querySelector("input[type=file]").name;
      data.delete(field);
      data.append(field, file, file.name);
      const request = new XMLHttpRequest();
      request.open("POST", form().action);
      request.setRequestHeader("HX-Request", "true");
      request.setRequestHeader("X-CSRFToken", house.cookie("csrftoken"));
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) progress.value = event.loaded / event.total;
      });
      const fail = (said) => {
        state.replaceChildren(...said);
        state.className = "t-stop";
        progress.remove();
        done("");
      };
      request.addEventListener("error", () => fail([house.word("lost")]));
      request.addEventListener("load", () => {
        if (request.status >= 400) return fail(refusal(request.responseText));
        const url = request.getResponseHeader("HX-Redirect") || request.getResponseHeader("HX-Location") || request.responseURL;
        const link = document.createElement("a");
        link.href = url;
        link.textContent = house.word("open");
        state.textContent = `${house.word("sent")} `;
        state.append(link);
        progress.value = 1;
        item.dataset.done = "1";
        done(url);
      });
      request.send(data);
    });

  const sendAll = async (files) => {
    const urls = [];
    for (const file of files) urls.push(await send(file));
    if (urls.length === 1 && urls[0]) location.assign(urls[0]);
  };

  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

  addEventListener("DOMContentLoaded", () => {
    const present = form();
    if (!present) return;
    let depth = 0;
    addEventListener("dragenter", (event) => {
      if (!carriesFiles(event)) return;
      depth += 1;
      document.body.classList.add("dropping");
    });
    addEventListener("dragleave", (event) => {
      if (carriesFiles(event) && --depth <= 0) document.body.classList.remove("dropping");
    });
    addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      depth = 0;
      document.body.classList.remove("dropping");
      if (!carriesFiles(event) || !event.dataTransfer.files.length) return;
      event.preventDefault();
      if (present.reportValidity && !validBut(present)) return;
      sendAll([...event.dataTransfer.files]);
    });
    present.addEventListener("submit", (event) => {
      const files = [...present.querySelector("input[type=file]").files];
      if (!files.length) return;
      event.preventDefault();
      sendAll(files);
    });
  });

  /* Everything but the file itself must be filled in before a drop is sent. */
  const validBut = (present) =>
    [...present.elements].every((element) => element.type === "file" || !element.willValidate || element.reportValidity());
})();
