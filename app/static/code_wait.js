// Counts down until another code may be sent, and lets the button rest until then. Without it the server says the same.
(function () {
  'use strict';
  document.querySelectorAll('[data-wait]').forEach(function (box) {
    var until = Date.now() + Number(box.dataset.wait) * 1000;
    var button = box.querySelector('button');
    var line = box.querySelector('.code-wait');
    var number = line.querySelector('b');
    function tick() {
      var left = Math.ceil((until - Date.now()) / 1000);
      button.disabled = left > 0;
      line.hidden = left <= 0;
      number.textContent = String(Math.max(left, 0));
      if (left > 0) { window.setTimeout(tick, 500); }
    }
    tick();
  });
}());
