// Keeps the page fresh. Everything works without it.
"use strict";
(() => {
  const problem = document.getElementById("problem");
  if (problem) problem.focus();
  const live = [...document.querySelectorAll("[data-live]")];
  if (!live.length || problem) return;
  const address = location.pathname + location.search;
  const busy = (part) => part.contains(document.activeElement) ||
    (!getSelection().isCollapsed && part.contains(getSelection().anchorNode));
  const refresh = async () => {
    if (document.hidden) return;
    let fresh;
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch { return; } // away for a moment: the next round will tell
    for (const part of live) {
      const now = fresh.getElementById(part.id);
      if (!now || busy(part) || now.innerHTML === part.innerHTML) continue;
      const before = part.textContent.replace(/\d+ (min|h|days)/g, "");
      part.innerHTML = now.innerHTML;
      if (before !== part.textContent.replace(/\d+ (min|h|days)/g, "")) {
        document.getElementById("news").textContent = part.dataset.live;
      }
    }
  };
  setInterval(refresh, 4000);
})();
