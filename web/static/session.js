/* What a session's page does beyond forms: photos in groups, several chosen at once, two pictures that move together. */
"use strict";

/** Bring the groups of photos up to date: headings anew, photos moved only where they belong elsewhere. */
function arrange(root, fresh) {
  const focused = root.contains(document.activeElement) ? document.activeElement.id : "";
  const groups = [...fresh.children];
  const counts = new Map(groups.map((group) => [group.id, group.querySelectorAll("ul > li").length]));
  for (const old of [...root.children]) {
    if (!groups.some((group) => group.id === old.id)) old.dataset.over = "";
  }
  groups.forEach((group, place) => {
    const head = group.querySelector(".group-head");
    let own = document.getElementById(group.id);
    if (!own) {
      own = group.cloneNode(false);
      own.append(head, group.querySelector("ul").cloneNode(false));
    } else if (own.querySelector(".group-head").innerHTML !== head.innerHTML) {
      head.querySelector("[data-group]").checked = own.querySelector("[data-group]").checked;
      own.querySelector(".group-head").replaceWith(head);
    }
    if (root.children[place] !== own) root.insertBefore(own, root.children[place] ?? null);
    const list = own.querySelector("ul");
    const empties = [...group.querySelectorAll("ul > li")];
    empties.forEach((empty, at) => {
      const card = document.getElementById(empty.id) ?? empty;
      if (list.children[at] !== card) list.insertBefore(card, list.children[at] ?? null);
    });
  });
  for (const old of root.querySelectorAll("[data-over]")) old.remove();
  for (const group of groups) {
    const list = document.getElementById(group.id).querySelector("ul");
    while (list.children.length > counts.get(group.id)) list.lastElementChild.remove();
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
}

/* Several photos chosen at once: all of a group, or with Shift all from the last one on. */
let lastPicked = null;
document.addEventListener("click", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || box.type !== "checkbox") return;
  if (box.matches("[data-group]")) {
    for (const each of box.closest(".group").querySelectorAll("input[name=photo]")) each.checked = box.checked;
  }
  if (box.name !== "photo") return;
  const boxes = [...document.querySelectorAll("input[name=photo]")];
  const ends = [boxes.indexOf(lastPicked), boxes.indexOf(box)].sort((one, other) => one - other);
  if (event.shiftKey && ends[0] >= 0) {
    for (const each of boxes.slice(ends[0], ends[1] + 1)) each.checked = box.checked;
  }
  lastPicked = box;
});

/* A choice that is shown at once, where pages without scripts have a button. */
document.addEventListener("change", (event) => event.target.closest("form[data-now]")?.requestSubmit());

/* Pictures that move together, at first with the AF mark in the middle. */
for (const pair of document.querySelectorAll("[data-together]")) {
  const stages = [...pair.querySelectorAll(".stage")];
  const part = (at, most) => (most > 0 ? at / most : 0.5);
  for (const stage of stages) {
    stage.scrollLeft = (stage.scrollWidth - stage.clientWidth) / 2;
    stage.scrollTop = (stage.scrollHeight - stage.clientHeight) / 2;
    stage.addEventListener("scroll", () => {
      if (!stage.matches(":hover, :focus")) return;
      const x = part(stage.scrollLeft, stage.scrollWidth - stage.clientWidth);
      const y = part(stage.scrollTop, stage.scrollHeight - stage.clientHeight);
      for (const other of stages) {
        if (other === stage) continue;
        other.scrollLeft = x * (other.scrollWidth - other.clientWidth);
        other.scrollTop = y * (other.scrollHeight - other.clientHeight);
      }
    });
  }
}
