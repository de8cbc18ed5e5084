// 选了哪种调整类型，就只显示那一种要填的要素。
"use strict";
(() => {
  const show = (select) => {
    for (const part of select.form.querySelectorAll("[data-kind]")) {
      const isChosen = part.dataset.kind === select.value;
      part.hidden = !isChosen;
      for (const field of part.querySelectorAll("input, textarea")) field.disabled = !isChosen;
    }
  };
  for (const select of document.querySelectorAll("select[data-kinds]")) {
    show(select);
    select.addEventListener("change", () => show(select));
  }
})();
