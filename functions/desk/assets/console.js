// Keeps the page fresh and what is being typed. Everything works without it.
"use strict";
(() => {
  const news = document.getElementById("news");
  const query = new URLSearchParams(location.search);
  const [, place, id] = location.pathname.split("/");
  const home = place === "cases" ? `/cases/${id}` : location.pathname;

  // Times are told as the clock beside this screen goes.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) document.cookie = `ines_zone=${zone}; Path=/; Max-Age=31536000; SameSite=Strict${location.protocol === "https:" ? "; Secure" : ""}`;

  // Words outlive another form's sending and a look at another page: in this tab, for
  // who is signed in, until they are sent or he signs out.
  const me = document.querySelector(".me > span")?.textContent;
  const slot = (field) => `${me} ${home} ${field.id}`;
  const done = query.get("done");
  for (const field of place === "cases" ? document.querySelectorAll("textarea[id]") : []) {
    if (done && field.form.getAttribute("action").endsWith("/" + done.split("/").pop())) sessionStorage.removeItem(slot(field));
    const kept = sessionStorage.getItem(slot(field));
    if (!kept || field.value) continue;
    field.value = kept;
    field.closest("details")?.setAttribute("open", "");
    field.closest("[data-live]")?.setAttribute("data-touched", "");
  }
  document.addEventListener("input", ({ target }) => {
    target.closest("[data-live]")?.setAttribute("data-touched", "");
    if (place === "cases" && target.matches("textarea[id]")) sessionStorage.setItem(slot(target), target.value);
  });
  document.querySelector(".me form")?.addEventListener("submit", () => sessionStorage.clear());
  if (done || query.has("next")) { // it is said once
    for (const name of ["done", "next", "waits"]) query.delete(name);
    history.replaceState(null, "", location.pathname + (query.size ? "?" + query : "") + location.hash);
  }

  const problem = document.getElementById("problem");
  if (problem) problem.focus();

  const say = (words, to, link) => {
    news.className = link ? "news" : "unseen";
    news.textContent = words + " ";
    if (!link) return;
    const a = document.createElement("a");
    a.href = to;
    a.textContent = link;
    news.append(a);
  };
  news.addEventListener("click", () => { news.className = "unseen"; });

  const live = [...document.querySelectorAll("[data-live]")];
  if (!live.length) return;
  const plain = (html) => html.replace(/form-[A-Z2-7]+/g, ""); // what makes a form's sending one differs each time
  for (const part of live) part.was = plain(part.innerHTML);
  const busy = (part) => part.contains(document.activeElement) || part.dataset.touched !== undefined || part.querySelector("#problem") ||
    (!getSelection().isCollapsed && part.contains(getSelection().anchorNode));
  const words = (part) => part.textContent.replace(/\d+ (min|h|days)|under a minute/g, "");
  const opened = (part) => [...part.querySelectorAll("details[open]")].map((d) => (d.closest("li") || d).textContent);
  const heard = (part) => [...part.querySelectorAll(".said")];
  const when = (said) => said.querySelector("time").dateTime;
  const take = (from, one) => from.includes(one) && from.splice(from.indexOf(one), 1).length; // a long talk drops an old one for each new one: no count would tell
  let told = 0;

  const refresh = async () => {
    if (document.hidden) return;
    let fresh;
    try {
      const answer = await fetch(home + (home === location.pathname ? location.search : ""), { headers: { Accept: "text/html" }, redirect: "manual" });
      if (answer.type === "opaqueredirect") {
        clearInterval(rounds);
        say("You are signed out: this page stands still. What you typed is kept.", home, "Sign in again");
      }
      if (!answer.ok) return;
      fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch { return; } // away for a moment: the next round will tell
    const typing = document.activeElement, at = typing.getBoundingClientRect().top;
    let loud, quiet;
    for (const part of live) {
      const now = fresh.getElementById(part.id);
      if (!now || busy(part) || plain(now.innerHTML) === part.was) continue;
      const before = words(part), said = heard(part).map(when), held = part.querySelector(".hold")?.textContent, open = opened(part);
      part.innerHTML = now.innerHTML;
      part.was = plain(now.innerHTML);
      for (const d of part.querySelectorAll("details")) d.open ||= open.includes((d.closest("li") || d).textContent);
      const holds = part.querySelector(".hold")?.textContent, latest = heard(part).filter((s) => !take(said, when(s))).pop();
      if (latest) {
        latest.id = "latest";
        loud = [`New here, from ${latest.querySelector("strong").textContent}.`, "#latest", "Read it"];
      } else if (holds !== held) {
        loud ??= [`The case has changed hands: ${holds}.`, "#h-owner", "See"];
      } else if (before !== words(part)) quiet ||= part.dataset.live;
    }
    if (loud) say(...loud);
    else if (quiet && news.className !== "news" && Date.now() - told > 60000) {
      told = Date.now(); // a busy list would never let go of whoever listens
      say(quiet);
    }
    if (typing !== document.body) scrollBy(0, typing.getBoundingClientRect().top - at); // what is typed into stays where it is
  };
  const rounds = setInterval(refresh, 4000);
})();
