/* Pages of the power lists: rows that can be added and removed, choosing for many items at once. */
(function () {
  "use strict";
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const touched = (node) => node.dispatchEvent(new Event("input", { bubbles: true }));

  /* rows of a structured field; without script there is always one spare row */
  all("[data-rows-add], [data-row-remove]").forEach((button) => { button.hidden = false; });
  const field = document.querySelector("#id_lead_division");
  if (field && document.getElementById("divisions")) field.setAttribute("list", "divisions");
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-rows-add]"), remove = event.target.closest("[data-row-remove]");
    if (add) {
      const block = add.closest("[data-rows]"), list = block.querySelector("[data-rows-list]");
      list.append(block.querySelector("template").content.cloneNode(true));
      const row = list.lastElementChild;
      row.querySelector("[data-row-remove]").hidden = false;
      row.querySelector("input, textarea").focus();
    } else if (remove) {
      const row = remove.closest("[data-row]"), first = row.querySelector("input, textarea");
      all("input, textarea", row).forEach((one) => { one.value = ""; });
      touched(first);
      const list = row.parentElement;
      row.remove();
      const last = list.lastElementChild;
      if (last) last.querySelector("input, textarea").focus();
    }
  });

  /* review: agree to everything without findings; the reason opens when an item is returned */
  function showReason(radio) {
    const item = radio.closest("[data-review-item]");
    const reason = item && item.querySelector("[data-reason]");
    if (!reason) return;
    const isReturn = Boolean(item.querySelector("[data-review-return]:checked"));
    reason.hidden = !isReturn && !reason.querySelector("textarea").value;
    item.classList.toggle("c-returned", isReturn);
    item.classList.toggle("c-accepted", Boolean(item.querySelector("[data-review-accept]:checked")));
  }
  function count() {
    const place = document.querySelector("[data-review-count]");
    if (!place) return;
    const items = all("[data-review-item]");
    const accepted = items.filter((one) => one.querySelector("[data-review-accept]:checked")).length;
    const returned = items.filter((one) => one.querySelector("[data-review-return]:checked")).length;
    place.textContent = `同意 ${accepted} 项，退回 ${returned} 项，未表态 ${items.length - accepted - returned} 项`;
    const pass = document.querySelector("[data-pass]");
    const back = document.querySelector("[data-send-back]");
    if (back) {
      if (returned) delete back.dataset.confirm;
      else back.dataset.confirm = `没有标出要退回的事项，将把全部 ${items.length} 项退回修改。`;
    }
    if (pass) { pass.disabled = returned > 0; pass.title = returned > 0 ? "有标为退回的事项，请选“退回修改”" : ""; }
  }
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-review-accept], [data-review-return]")) return;
    showReason(event.target);
    if (event.target.matches("[data-review-return]")) event.target.closest("[data-review-item]").querySelector("[data-reason] textarea").focus();
    count();
  });
  document.addEventListener("click", (event) => {
    const batch = event.target.closest("[data-accept-clean]");
    if (batch) {
      all("[data-review-item][data-clean]").forEach((item) => {
        const radio = item.querySelector("[data-review-accept]");
        if (!item.querySelector("[data-review-return]:checked")) { radio.checked = true; showReason(radio); }
      });
      touched(batch.form ? batch.form.elements[0] : batch);
      count();
    }
    const phrase = event.target.closest("[data-phrase]");
    if (phrase) {
      const target = document.getElementById("opinion");
      target.value = target.value ? target.value + phrase.dataset.phrase : phrase.dataset.phrase;
      touched(target);
      target.focus();
    }
    const tick = event.target.closest("[data-tick]");
    if (tick) all(tick.dataset.tick).forEach((box) => { box.checked = true; });
  });
  all("[data-review-accept]:checked, [data-review-return]:checked").forEach(showReason);
  count();
})();
