/* Behaviour of the desk, bound by data attributes so that pages carry no script of their own. */
(function () {
  "use strict";
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const script = document.currentScript;
  // A radio or a tick box takes no text: keys go on working after one was chosen with a key.
  const isTyping = (node) => node && (node.isContentEditable || (/^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName) && !/^(radio|checkbox)$/.test(node.type)));

  /* --- questions before what cannot be undone --- */
  let confirmed = null;
  function ask(text, verb, then) {
    const dialog = document.getElementById("confirm");
    if (!dialog || !dialog.showModal) { if (window.confirm(text)) then(); return; }
    dialog.querySelector("#confirm-text").textContent = text;
    const yes = dialog.querySelector("[data-answer=yes]");
    yes.textContent = verb || "确认办理";
    const close = (go) => { dialog.close(); yes.onclick = null; if (go) then(); };
    yes.onclick = () => close(true);
    dialog.querySelector("[data-answer=no]").onclick = () => close(false);
    dialog.showModal();
  }
  function questionOf(form, button) {
    const holder = button && button.dataset.confirm ? button : form;
    if (!holder.dataset.confirm) return null;
    const chosen = form.id ? all(`[data-bulk-row][form="${form.id}"]:checked`).length : 0;
    const verb = holder.dataset.confirmVerb || (button ? button.textContent.trim() : "");
    return { text: holder.dataset.confirm.replace("{n}", chosen), verb };
  }
  document.addEventListener("submit", (event) => {
    const form = event.target, button = event.submitter;
    const question = questionOf(form, button);
    if (question && confirmed !== form) {
      event.preventDefault();
      event.stopPropagation();
      ask(question.text, question.verb, () => { confirmed = form; form.requestSubmit(button || undefined); });
      return;
    }
    confirmed = null;
    if (form.matches("[data-once]")) {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "1";
      form.removeAttribute("data-changed");
      window.setTimeout(() => all("button[type=submit], button:not([type])", form).forEach((b) => { b.disabled = true; }));
      window.setTimeout(() => reopen(form), 15000);
    }
  }, true);
  function reopen(form) { delete form.dataset.sent; all("button", form).forEach((b) => { b.disabled = false; }); }
  window.addEventListener("pageshow", () => all("[data-sent]").forEach(reopen));
  document.addEventListener("htmx:confirm", (event) => {
    const node = event.target.closest("[data-confirm]");
    if (!node || event.target.tagName === "FORM" || !event.detail.path) return;
    event.preventDefault();
    ask(node.dataset.confirm, node.dataset.confirmVerb || node.textContent.trim(), () => event.detail.issueRequest(true));
  });
  document.addEventListener("htmx:afterRequest", (event) => { const form = event.target.closest && event.target.closest("[data-sent]"); if (form) reopen(form); });

  /* --- nothing is lost: warning and automatic saving --- */
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.matches("[data-unsaved]")) { form.dataset.changed = "1"; if (form.dataset.autosave) scheduleSave(form); }
  });
  window.addEventListener("beforeunload", (event) => {
    if (all("[data-unsaved][data-changed]").some((form) => !form.dataset.sent)) { event.preventDefault(); event.returnValue = ""; }
  });
  const timers = new WeakMap();
  function scheduleSave(form) {
    window.clearTimeout(timers.get(form));
    say(form, "有未保存的修改 …");
    timers.set(form, window.setTimeout(() => save(form), 2000));
  }
  function say(form, text) { const place = form.querySelector("[data-autosave-state]") || document.querySelector("[data-autosave-state]"); if (place) place.textContent = text; }
  async function save(form) {
    if (form.dataset.sent) return;
    delete form.dataset.changed;
    try {
      const typed = new FormData(form);
      all("input[type=file]", form).forEach((field) => typed.delete(field.name));  // a scan goes once, with the decision
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: typed, headers: { Accept: "application/json" }, credentials: "same-origin" });
      const body = await answer.json();
      if (body.code === "signed_out") signedOut = true;
      if (!answer.ok) throw new Error(body.message);
      if (body.version !== undefined) { const seen = form.querySelector("[name=seen_version]"); if (seen) seen.value = body.version; }
      say(form, "草稿已自动保存 " + new Date().toTimeString().slice(0, 5));
    } catch (problem) {
      form.dataset.changed = "1";
      say(form, "草稿没有保存：" + (problem.message && !/fetch|JSON/.test(problem.message) ? problem.message : "网络不通，稍后会再试"));
      window.clearTimeout(timers.get(form));
      timers.set(form, window.setTimeout(() => save(form), 15000));
    }
  }

  /* --- signed out while writing: after a login in another window this page goes on with a new form token --- */
  let signedOut = false;
  document.addEventListener("htmx:responseError", (event) => { if (event.detail.xhr.status === 401) signedOut = true; });
  window.addEventListener("focus", async () => {
    if (!signedOut) return;
    try {
      const answer = await fetch("/account/token/", { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (!answer.ok) return;
      const token = (await answer.json()).token;
      all("input[name=csrfmiddlewaretoken]").forEach((field) => { field.value = token; });
      document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
      signedOut = false;
      all("[data-unsaved][data-changed]").filter((form) => form.dataset.autosave).forEach(scheduleSave);
      all("[data-signed-out]").forEach((node) => node.remove());
    } catch (_) { /* still no network: the next focus asks again */ }
  });

  /* --- choosing rows --- */
  function refreshBulk(frame) {
    const rows = all("[data-bulk-row]", frame), chosen = rows.filter((row) => row.checked);
    rows.forEach((row) => row.closest("tr").classList.toggle("q-chosen", row.checked));
    const every = frame.querySelector("[data-bulk-all]");
    if (every) { every.checked = rows.length > 0 && chosen.length === rows.length; every.indeterminate = chosen.length > 0 && chosen.length < rows.length; }
    const bar = frame.querySelector("[data-bulk-bar]");
    if (bar) { bar.hidden = chosen.length === 0; bar.querySelector("[data-bulk-count]").textContent = chosen.length; }
  }
  document.addEventListener("change", (event) => {
    const frame = event.target.closest("[data-bulk]");
    if (!frame) return;
    if (event.target.matches("[data-bulk-all]")) all("[data-bulk-row]:not(:disabled)", frame).forEach((row) => { row.checked = event.target.checked; });
    refreshBulk(frame);
  });

  /* --- small buttons --- */
  document.addEventListener("click", async (event) => {
    const hit = (selector) => event.target.closest(selector);
    let node;
    if ((node = hit("[data-dismiss-message]"))) node.closest("[data-message]").remove();
    else if (hit("[data-back]")) window.history.back();
    else if (hit("[data-print]")) window.print();
    else if ((node = hit("[data-bulk-clear]"))) { const frame = node.closest("[data-bulk]"); all("[data-bulk-row]", frame).forEach((row) => { row.checked = false; }); refreshBulk(frame); }
    else if ((node = hit("[data-copy]"))) {
      const word = node.querySelector("span") || node, before = word.textContent;
      try { await navigator.clipboard.writeText(node.dataset.copy); word.textContent = "已复制"; } catch (_) { word.textContent = "请手动复制"; }
      window.setTimeout(() => { word.textContent = before; }, 2000);
    } else if ((node = hit("[data-fill]"))) {
      const target = document.getElementById(node.dataset.fill);
      target.value = target.value ? target.value + node.dataset.text : node.dataset.text;
      target.dispatchEvent(new Event("input", { bubbles: true }));
      target.focus();
    } else if ((node = hit("[data-fill-login]"))) {
      const form = document.querySelector("[data-login]");
      form.querySelector("[name=username]").value = node.dataset.fillLogin;
      form.querySelector("[name=password]").value = node.dataset.password;
      form.querySelector("button[type=submit]").focus();
    } else if ((node = hit("[data-chart-toggle]"))) {
      const figure = node.closest("figure"), table = figure.querySelector(".q-chart-table"), canvas = figure.querySelector(".q-chart-canvas");
      table.hidden = !table.hidden;
      if (canvas) canvas.hidden = !table.hidden;
      node.setAttribute("aria-pressed", String(!table.hidden));
      node.querySelector("span").textContent = table.hidden ? "看表格" : "看图";
    } else if ((node = hit("[data-chart-csv]"))) saveCsv(node.closest("figure").querySelector("table"), node.dataset.chartCsv);
  });
  function saveCsv(table, name) {
    const quote = (text) => { const safe = /^[=+\-@\t]/.test(text) && isNaN(text) ? "'" + text : text; return '"' + safe.replace(/"/g, '""') + '"'; };
    const lines = all("tr", table).map((row) => all("th, td", row).map((cell) => quote(cell.textContent.trim())).join(","));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff" + lines.join("\r\n")], { type: "text/csv" }));
    link.download = name + ".csv";
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  /* --- keys: / to search, j k a r on the review page --- */
  function reviewItems() { return all("[data-review] [data-review-item]"); }
  function moveReview(step) {
    const items = reviewItems();
    if (!items.length) return false;
    const now = items.findIndex((item) => item.classList.contains("q-current"));
    const next = items[Math.min(items.length - 1, Math.max(0, now + step))];
    items.forEach((item) => { item.classList.toggle("q-current", item === next); });
    if (!next.hasAttribute("tabindex")) next.tabIndex = -1;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "start" });
    const link = next.dataset.reviewItem;
    if (link && window.htmx) window.htmx.trigger(next, "review:open");
    return true;
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "/") { const field = document.querySelector("[data-hotkey='/']"); if (field) { event.preventDefault(); field.focus(); field.select(); } return; }
    if (!document.querySelector("[data-review]")) return;
    const scope = document.querySelector("[data-review-item].q-current") || document;
    const press = (name) => { const node = scope.querySelector(`[data-review-${name}]`) || document.querySelector(`[data-review-${name}]`); if (!node) return; event.preventDefault(); node.focus(); if (!isTyping(node) || node.type === "radio") node.click(); };
    if (event.key === "j" || event.key === "k") {
      const link = document.querySelector(event.key === "j" ? "[data-review-next]" : "[data-review-previous]");
      if (link) { event.preventDefault(); link.click(); } else if (moveReview(event.key === "j" ? 1 : -1)) event.preventDefault();
    } else if (event.key === "a") press("accept");
    else if (event.key === "r") press("return");
  });

  /* --- fields checked as one leaves them --- */
  document.addEventListener("focusout", (event) => {
    const field = event.target;
    if (!field.form || !field.form.matches(".q-form") || !field.willValidate || field.type === "hidden") return;
    const frame = field.closest(".q-field"), next = event.relatedTarget;
    // Words that appear now would push away the button that is just being clicked.
    if (!frame || (next && next.closest("button, a"))) return;
    const old = frame.querySelector("[data-live-error]");
    if (old) old.remove();
    if (field.checkValidity() || (!field.value && !field.form.dataset.changed)) { if (!frame.querySelector(".q-field-error")) field.classList.remove("is-invalid"); return; }
    if (frame.querySelector(".q-field-error")) return;
    const words = document.createElement("p");
    words.className = "q-field-error";
    words.dataset.liveError = "";
    words.textContent = field.validity.valueMissing ? "此项必填" : field.validationMessage;
    frame.append(words);
    field.classList.add("is-invalid");
  });

  /* --- widgets in a fresh piece of page --- */
  let chartsLoading = null;
  function loadCharts() {
    if (window.echarts) return Promise.resolve();
    if (!chartsLoading) chartsLoading = new Promise((done, failed) => { const node = document.createElement("script"); node.src = script.dataset.echarts; node.onload = done; node.onerror = failed; document.head.append(node); });
    return chartsLoading;
  }
  const watcher = "ResizeObserver" in window ? new ResizeObserver((entries) => entries.forEach((entry) => { const chart = window.echarts && window.echarts.getInstanceByDom(entry.target); if (chart && entry.contentRect.width) chart.resize(); })) : null;
  async function drawChart(node) {
    const source = document.getElementById(node.dataset.chart);
    if (!source || node.dataset.drawn) return;
    node.dataset.drawn = "1";
    try { await loadCharts(); } catch (_) { node.textContent = "图表没有载入，请看表格。"; return; }
    const option = JSON.parse(source.textContent), font = getComputedStyle(document.body).fontFamily;
    const axis = (one) => {
      const label = { color: "#5b6776", fontSize: 12, hideOverlap: true };
      if (one.type === "category" && one.inverse) Object.assign(label, { width: 150, overflow: "truncate" });
      if (one.type === "category" && !one.inverse && one.data.length <= 8) Object.assign(label, { interval: 0, width: Math.max(40, (node.clientWidth - 72) / one.data.length - 2), overflow: "break", hideOverlap: false });
      return Object.assign({ axisLine: { lineStyle: { color: "#c5ccd5" } }, axisLabel: label, nameTextStyle: { color: "#5b6776", align: "right" }, splitLine: { lineStyle: { color: "#eceff2" } } }, one);
    };
    ["xAxis", "yAxis"].forEach((name) => { if (option[name]) option[name] = axis(option[name]); });
    option.textStyle = Object.assign({ fontFamily: font, color: "#1d2733" }, option.textStyle);
    option.animation = !window.matchMedia("(prefers-reduced-motion: reduce)").matches && option.animation !== false;
    option.animationDuration = 300;
    option.aria = { enabled: true };
    const chart = window.echarts.init(node, null, { renderer: "svg" });
    chart.setOption(option);
    chart.on("click", (point) => { const href = point.data && point.data.href; if (href && /^[/?#]/.test(href)) window.location.assign(href); });
    if (watcher) watcher.observe(node);
  }
  function prepare(root) {
    all("[data-chart]", root).forEach(drawChart);
    if (window.TomSelect) all("select[data-select]", root).forEach((node) => { if (!node.tomselect) new window.TomSelect(node, { maxOptions: 500, allowEmptyOption: !node.multiple, searchField: ["text"], render: { no_results: () => '<div class="no-results">没有匹配的选项</div>' } }); });
    if (window.flatpickr) all("input[data-date]", root).forEach((node) => { if (!node._flatpickr) window.flatpickr(node, { locale: "zh", dateFormat: "Y-m-d", allowInput: true, errorHandler: () => {} }); });
    all("[data-bulk]", root).forEach(refreshBulk);
    const summary = (root.querySelector ? root : document).querySelector("[data-focus]");
    if (summary) summary.focus();
  }
  document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) prepare(event.target); });
  // On a telephone the present tab may stand beyond the edge.
  for (const tab of document.querySelectorAll(".q-tabs a[aria-current]")) {
    const row = tab.closest(".q-tabs");
    row.scrollLeft = tab.offsetLeft + tab.offsetWidth - row.offsetLeft - row.clientWidth + 24;
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => prepare(document)); else prepare(document);
})();
