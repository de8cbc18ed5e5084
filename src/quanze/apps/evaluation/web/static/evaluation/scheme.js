// 组方案：勾选与权重一变，合计随即显示；按比例折算用最大余数法，合计恰为满分。The server checks again.
(function () {
  "use strict";
  const form = document.querySelector("[data-scheme]");
  const sum = form && form.querySelector("[data-scheme-sum]");
  if (!sum) return;
  const full = Number(form.dataset.scheme);
  const rows = Array.from(form.querySelectorAll("[data-scheme-row]"));
  const box = (row) => row.querySelector("input[type=checkbox]");
  const weight = (row) => row.querySelector(".e-weight");
  // Whole hundredths, so that 0.1 + 0.2 is 0.3.
  const cents = (row) => Math.round(Number(weight(row).value.trim().replace("，", ".")) * 100);
  const chosen = () => rows.filter((row) => box(row).checked);
  const base = () => chosen().filter((row) => !("bonus" in row.dataset));

  function show() {
    const total = base().reduce((all, row) => all + cents(row), 0);
    const gap = Math.round(full * 100) - total;
    form.querySelector("[data-scheme-count]").textContent = String(chosen().length);
    sum.textContent = Number.isFinite(total) ? String(total / 100) : "有权重不是数";
    const verdict = !Number.isFinite(total) ? "" : gap === 0 ? "✓ 可以保存" : gap > 0 ? `还差 ${gap / 100} 分` : `多出 ${-gap / 100} 分`;
    form.querySelector("[data-scheme-verdict]").textContent = verdict;
    rows.forEach((row) => { weight(row).readOnly = !box(row).checked; });
  }

  function rescale() {
    const parts = base().map((row) => ({ row, value: cents(row) }));
    const total = parts.reduce((all, part) => all + part.value, 0);
    if (!(total > 0)) return;
    const wanted = Math.round(full * 100);
    let spare = wanted;
    parts.forEach((part) => {
      part.floor = Math.floor((part.value * wanted) / total);
      part.rest = (part.value * wanted) % total;
      spare -= part.floor;
    });
    [...parts].sort((a, b) => b.rest - a.rest).slice(0, spare).forEach((part) => { part.floor += 1; });
    parts.forEach((part) => { weight(part.row).value = String(part.floor / 100); });
    show();
  }

  form.addEventListener("input", show);
  form.addEventListener("change", show);
  form.querySelector("[data-scheme-rescale]").addEventListener("click", rescale);
  show();
})();
