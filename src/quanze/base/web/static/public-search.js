// 静态站点的搜索：索引随页面一同载入，问什么写在网址里。
"use strict";
(() => {
  const place = document.getElementById("static-results");
  const index = window.quanzeIndex || [];
  const asked = new URLSearchParams(location.search);
  const words = (asked.get("q") || "").trim().split(/\s+/).filter(Boolean);
  const type = asked.get("type") || "", body = asked.get("body") || "";
  const themes = JSON.parse(document.getElementById("static-themes").textContent);
  const theme = themes[asked.get("theme") || ""];
  const field = document.querySelector("input[type=search]");
  if (field) field.value = words.join(" ");
  if (!words.length && !type && !body && !theme) return;
  const found = index.filter((one) =>
    words.every((word) => one.n.includes(word) || one.b.includes(word)) &&
    (!type || one.t === type) && (!body || one.c === body) &&
    (!theme || theme.some((word) => one.n.includes(word))));
  const most = 300;
  const title = document.createElement("p");
  title.textContent = found.length ? `找到 ${found.length} 项${found.length > most ? `，先列出 ${most} 项，请多写几个字` : ""}` : "没有找到。可以少写几个字，或按单位查。";
  const list = document.createElement("ul");
  list.className = "p-results";
  for (const one of found.slice(0, most)) {
    const row = document.createElement("li"), link = document.createElement("a"), meta = document.createElement("div");
    link.href = one.u; link.textContent = one.n;
    meta.className = "p-meta";
    for (const text of [one.l, one.b]) { const span = document.createElement("span"); span.textContent = text; meta.append(span); }
    row.append(link, meta);
    list.append(row);
  }
  place.replaceChildren(title, list);
})();
