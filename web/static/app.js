/* What the pages can do only with a script: drop photos with progress, and show results as they come. */
"use strict";

/** Sent at the same time: more would only share the way. */
const AT_ONCE = 2;
/** Without an answer, before the page says so: a stream that ends is open again after a second. */
const PATIENCE_MS = 4000;

for (const element of document.querySelectorAll("[data-noscript]")) element.hidden = true;

/* When something was, by the reader's own clock. */
for (const time of document.querySelectorAll("time[datetime]")) {
  const style = { dateStyle: "medium", timeStyle: "short" };
  time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, style);
}

/* Results as they come: each message has a part of the page, by its id. */
function listen() {
  const stream = document.querySelector("[data-events]");
  if (!stream) return;
  const source = new EventSource(stream.dataset.events);
  const lost = document.querySelector(".lost");
  let silence = 0;
  source.onmessage = (message) => {
    const told = JSON.parse(message.data);
    steady(() => show(told.part, told.html));
  };
  source.onerror = () => {
    silence ||= window.setTimeout(() => (lost.hidden = false), PATIENCE_MS);
  };
  source.onopen = () => {
    window.clearTimeout(silence);
    silence = 0;
    lost.hidden = true;
  };
  window.addEventListener("pagehide", () => source.close());
}
listen();

/** Change the page; what somebody looks at stays where it is on the screen. */
function steady(change) {
  const isSeen = (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > 0 && top < window.innerHeight;
  };
  const at = document.activeElement;
  const held = at?.id && isSeen(at) ? at : [...document.querySelectorAll(".photo, .group")].find(isSeen);
  const before = window.scrollY && held ? held.getBoundingClientRect().top : null;
  change();
  const now = before === null ? null : document.getElementById(held.id);
  if (now) window.scrollBy({ top: now.getBoundingClientRect().top - before, behavior: "instant" });
}

/** Put a part in its place; what was opened, typed or focused stays so. */
function show(id, html) {
  const old = document.getElementById(id);
  const box = document.createElement("template");
  box.innerHTML = html;
  const fresh = box.content.firstElementChild;
  if (!fresh) {
    if (old) old.remove();
    return;
  }
  if (old?.id === "groups") {
    arrange(old, fresh);
    return;
  }
  if (old?.outerHTML === fresh.outerHTML) return;
  if (!old) {
    document.getElementById("photo-list")?.append(fresh);
  } else {
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    for (const field of old.querySelectorAll("input[id]")) {
      const same = fresh.querySelector(`#${field.id}`);
      if (same && field.value !== field.defaultValue) same.value = field.value;
      if (same && field.name === "photo") same.checked = field.checked;
    }
    for (const details of old.querySelectorAll("details[open]")) {
      const same = fresh.querySelector(`#${details.id}`);
      if (same) same.open = true;
    }
    const status = old.querySelector("[role=status]");
    /* What has grown stays so: only what comes may move the page, never what goes. */
    if (status) status.style.minHeight = `${status.offsetHeight}px`;
    const news = fresh.querySelector("[role=status]");
    old.replaceWith(fresh);
    if (status && news) {
      /* A screen reader tells of a live region that stays and whose content changes. */
      status.className = news.className;
      if (status.innerHTML !== news.innerHTML) status.innerHTML = news.innerHTML;
      news.replaceWith(status);
    }
    if (focused && focused.id) {
      const same = document.getElementById(focused.id);
      same?.focus({ preventScroll: true });
      if (same && focused.selectionStart != null) same.setSelectionRange(focused.selectionStart, focused.selectionEnd);
    }
  }
  pictures(fresh);
  for (const element of fresh.querySelectorAll("[data-noscript]")) element.hidden = true;
}

/** Load a photo's picture only once somebody opens it. */
function pictures(root) {
  for (const details of root.querySelectorAll("details")) {
    const load = () => {
      for (const image of details.open ? details.querySelectorAll("image[data-src]") : []) {
        image.setAttribute("href", image.dataset.src);
      }
    };
    details.addEventListener("toggle", load);
    load();
  }
}
pictures(document);

/* Small forms that change a thing on the page without leaving it. */
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-quiet]:not([data-whole])");
  if (form && form.reportValidity()) quiet(form);
});
document.addEventListener("input", (event) => {
  /* What the server refused was the value before; while that complaint stands, nothing is sent. */
  event.target.setCustomValidity?.("");
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) event.preventDefault();
  if (!form.matches("[data-quiet]")) return;
  event.preventDefault();
  quiet(form);
});

/** Why the server refused something; empty if it was not the server itself that answered. */
function reasonIn(told) {
  try {
    return JSON.parse(told).detail || "";
  } catch {
    return "";
  }
}

async function quiet(form) {
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body });
  const why = answer.ok ? "" : reasonIn(await answer.text()) || answer.statusText;
  const wrong = form.querySelector(".wrong");
  if (wrong) wrong.textContent = why;
  for (const field of form.querySelectorAll("input[type=text]")) {
    const sent = body.get(field.name);
    if (answer.ok) field.defaultValue = sent;
    /* Who types on by now is not to be told of what was before. */
    if (wrong || field.value !== sent) continue;
    field.setCustomValidity(why);
    field.reportValidity();
  }
  if (answer.ok && form.id === "several") {
    for (const box of document.querySelectorAll("input[name=photo], [data-group]")) box.checked = false;
  }
}

/* Photos: chosen or dropped, folders with all within, a few sent at the same time. */
for (const form of document.querySelectorAll("form[data-upload]")) {
  const list = form.querySelector(".uploads");
  const failures = form.querySelector(".failed");
  const queue = [];
  let running = 0;
  let target = form.action;
  let beginning = null;

  /** Begin a session, and turn the page into its own; once, however many photos come meanwhile. */
  async function begin() {
    const answer = await fetch(target, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams() });
    const told = await answer.text();
    if (!answer.ok) throw new Error(told);
    const { session } = JSON.parse(told);
    target = `${session}/photos`;
    await become(session, form);
  }

  for (const field of form.querySelectorAll("input[type=file]")) {
    field.addEventListener("change", () => {
      add([...field.files]);
      field.value = "";
    });
  }
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.add("over");
    });
  }
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form.classList.remove("over");
  });
  document.addEventListener("drop", async (event) => {
    event.preventDefault();
    form.classList.remove("over");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    add((await Promise.all(entries.map(filesOf))).flat());
  });
  form.addEventListener("submit", (event) => event.preventDefault());

  async function add(files) {
    const photos = files.filter((file) => !file.name.startsWith("."));
    if (!photos.length) return;
    if (target.endsWith("/sessions")) {
      beginning ??= begin();
      try {
        await beginning;
      } catch (error) {
        beginning = null;
        for (const file of photos) failed(file, error.message);
        return;
      }
    }
    photos.sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
    queue.push(...photos);
    const results = document.querySelector("[data-events]");
    results?.classList.add("live");
    if (photos.length > 1 || results?.querySelector(".photo")) results?.classList.add("several");
    next();
  }

  function lineOf(file) {
    const line = document.createElement("li");
    const name = document.createElement("span");
    const bar = document.createElement("progress");
    name.textContent = file.name;
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", `${list.dataset.sending} ${file.name}`);
    line.append(bar, name);
    list.prepend(line);
    return line;
  }

  function next() {
    while (running < AT_ONCE && queue.length) {
      running += 1;
      send(queue.shift());
    }
    list.querySelector(".more")?.remove();
    if (!queue.length) return;
    const more = document.createElement("li");
    more.className = "more soft";
    more.textContent = list.dataset.more.replace("{n}", queue.length);
    list.append(more);
  }

  function send(file) {
    const line = lineOf(file);
    const body = new FormData();
    body.append("photo", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", target);
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => {
      line.querySelector("progress").value = event.loaded / (event.total || 1);
    };
    request.onloadend = () => {
      running -= 1;
      line.remove();
      if (request.status < 200 || request.status >= 300) failed(file, request.responseText);
      next();
    };
    request.send(body);
  }

  function failed(file, told) {
    const line = document.createElement("li");
    const said = document.createElement("span");
    said.setAttribute("role", "alert");
    said.textContent = `${file.name}: ${list.dataset.failed}. ${reasonIn(told)}`.trim();
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = list.dataset.again;
    again.addEventListener("click", () => {
      line.remove();
      add([file]);
    });
    line.append(said, again);
    failures.append(line);
  }
}

/** Turn the page into that of a session, around the form that is sending. */
async function become(session, form) {
  const text = await (await fetch(session)).text();
  const page = new DOMParser().parseFromString(text, "text/html");
  const main = document.adoptNode(page.querySelector("main"));
  const focused = form.contains(document.activeElement) ? document.activeElement : null;
  main.querySelector("form[data-upload]").replaceWith(form);
  document.querySelector("main").replaceWith(main);
  for (const element of main.querySelectorAll("[data-noscript]")) element.hidden = true;
  focused?.focus({ preventScroll: true });
  document.title = page.title;
  window.history.pushState(null, "", session);
  window.addEventListener("popstate", () => window.location.reload());
  listen();
}

/** All files of what was dropped, folders with all that is in them. */
async function filesOf(entry) {
  if (entry.isFile) return [await new Promise((done, fail) => entry.file(done, fail))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) break;
    for (const inner of some) found.push(...(await filesOf(inner)));
  }
  return found;
}
