/* Editing a list as a table: only changed cells are sent, keys move between cells, a block copied from a spreadsheet is spread. */
(function () {
  "use strict";
  const form = document.querySelector("#table-form");
  if (!form) return;
  const grid = Array.from(form.querySelectorAll("tbody tr")).map((row) => Array.from(row.querySelectorAll("[data-cell]")));
  const cells = grid.flat();
  const even = (text) => text.replace(/\r\n?/g, "\n").trim();
  const changed = (cell) => even(cell.value) !== even(cell.dataset.stored);
  const told = form.querySelector("[data-sheet-count]");
  const placeOf = (cell) => { const y = grid.findIndex((row) => row.includes(cell)); return [y, grid[y].indexOf(cell)]; };

  function show(said) {
    cells.forEach((cell) => cell.closest("td").classList.toggle("c-sheet-changed", changed(cell)));
    const moved = cells.filter(changed), rows = new Set(moved.map((cell) => cell.closest("tr")));
    told.textContent = said || (moved.length ? `改了 ${rows.size} 项的 ${moved.length} 格，尚未保存` : "没有改动");
    if (!moved.length) delete form.dataset.changed;
  }
  function go(cell, down, right) {
    let [y, x] = placeOf(cell);
    for (y += down, x += right; grid[y] && grid[y][x]; y += down, x += right) {
      const next = grid[y][x];
      if (next.disabled) continue;
      next.focus();
      if (next.select) next.select();
      return;
    }
  }
  form.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") { event.preventDefault(); form.requestSubmit(); return; }
    const cell = event.target;
    if (!cell.matches("[data-cell]") || event.isComposing) return;
    const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const isPlain = cell.matches("input") && (event.key === "ArrowUp" || event.key === "ArrowDown") && !cell.list;
    if (event.key in arrows && (event.altKey || isPlain)) { event.preventDefault(); go(cell, ...arrows[event.key]); }
    else if (event.key === "Enter" && event.altKey && cell.matches("textarea")) { event.preventDefault(); cell.setRangeText("\n", cell.selectionStart, cell.selectionEnd, "end"); cell.dispatchEvent(new Event("input", { bubbles: true })); }
    else if (event.key === "Enter" && !event.altKey) { event.preventDefault(); go(cell, event.shiftKey ? -1 : 1, 0); }
    else if (event.key === "Escape" && changed(cell)) { event.preventDefault(); cell.value = cell.dataset.stored; show(); }
  });

  /* what a spreadsheet copies: tabs between cells, line ends between rows, a cell with line ends in quotes */
  function block(text) {
    const rows = [[]];
    const read = /(?:"((?:[^"]|"")*)"(?=[\t\n]|$)|([^\t\n]*))([\t\n]|$)/g;
    let found;
    while (read.lastIndex < text.length && (found = read.exec(text))) {
      rows[rows.length - 1].push(found[1] === undefined ? found[2] : found[1].replace(/""/g, '"'));
      if (found[3] === "\n") rows.push([]);
    }
    if (text.endsWith("\t")) rows[rows.length - 1].push("");
    return rows.filter((row) => row.length);
  }
  function put(cell, text) {
    if (cell.matches("select")) {
      const wanted = Array.from(cell.options).find((one) => one.value === text.trim() || one.text === text.trim());
      if (!wanted) return false;
      cell.value = wanted.value;
    } else cell.value = cell.matches("textarea") ? text : text.replace(/\s*\n\s*/g, " ");
    return true;
  }
  form.addEventListener("paste", (event) => {
    const cell = event.target;
    if (!cell.matches("[data-cell]")) return;
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    /* Prose with line ends pasted into a long cell is one text and no block of rows. */
    if (!text.includes("\t") && !text.startsWith('"') && (cell.matches("textarea") || !text.includes("\n"))) return;
    event.preventDefault();
    const [top, left] = placeOf(cell);
    let outside = 0, refused = 0, done = 0;
    block(text).forEach((row, y) => row.forEach((value, x) => {
      const target = grid[top + y] && grid[top + y][left + x];
      if (!target || target.disabled) outside += 1;
      else if (put(target, value)) done += 1;
      else refused += 1;
    }));
    form.dataset.changed = "1";
    show();
    if (outside || refused) show(`已粘贴 ${done} 格${outside ? `；${outside} 格超出本页或正在审查，没有粘贴` : ""}${refused ? `；${refused} 格不在可选之列，没有粘贴` : ""}`);
  });
  form.addEventListener("input", () => show());
  form.addEventListener("change", () => show());
  form.addEventListener("formdata", (event) => {
    cells.filter((cell) => !changed(cell)).forEach((cell) => event.formData.delete(cell.name));
    grid.forEach((row, y) => {
      if (!row.some(changed)) { const seen = form.querySelectorAll("tbody tr")[y].querySelector("[data-seen]"); if (seen) event.formData.delete(seen.name); }
    });
  });
  show();
  const wrong = form.querySelector(".c-sheet-wrong [data-cell]");
  if (wrong) wrong.focus();
})();
