/* Security keys: asks the browser, puts its answer into the form, sends it. Needs allauth's webauthn-json.js before it. */
(function () {
  "use strict";
  const button = document.querySelector("[data-security-key]");
  if (!button) return;
  const say = (text) => {
    const place = document.querySelector("[data-security-key-state]");
    place.textContent = text;
    place.hidden = !text;
  };
  const REASONS = {
    NotAllowedError: "没有完成：已取消或超时。请再试一次。",
    InvalidStateError: "这个安全密钥已经登记过，请换一个。",
    SecurityError: "当前地址不能使用安全密钥：请用 HTTPS 地址，或在本机用 localhost 打开。",
  };
  if (!window.webauthnJSON || !window.webauthnJSON.supported()) {
    button.disabled = true;
    say("这个浏览器或当前地址不支持安全密钥：请用 HTTPS 地址，或在本机用 localhost 打开。");
    return;
  }
  button.addEventListener("click", async () => {
    const form = button.closest("form");
    const options = JSON.parse(document.getElementById("security-key-options").textContent);
    say("请按浏览器的提示操作……");
    try {
      const credential = await window.webauthnJSON[button.dataset.securityKey](options);
      form.querySelector(`[name=${button.dataset.field}]`).value = JSON.stringify(credential);
      form.submit();
    } catch (error) {
      say(REASONS[error.name] || "没有完成，请再试一次。");
    }
  });
})();
